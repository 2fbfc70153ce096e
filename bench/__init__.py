"""What the kit costs, measured beside its rivals in one run: `make bench`."""
