"""The user service: one Django project, one database, one port."""
