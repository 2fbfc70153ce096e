"""The nginx gateway: its configuration, and what fills it in."""
