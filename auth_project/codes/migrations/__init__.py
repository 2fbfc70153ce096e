"""Schema changes of codes."""
