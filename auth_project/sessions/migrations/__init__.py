"""Schema changes of sessions."""
