"""The platform's life cycle on one machine: prepare, run, stop, look after, test."""
