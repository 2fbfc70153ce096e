"""The exercise service: one Django project, one database, one port."""
