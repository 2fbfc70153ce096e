"""One sign-in for the admins and browsable APIs of all services."""
