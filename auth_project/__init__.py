"""The auth service: one Django project, one database, one port."""
