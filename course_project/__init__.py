"""The course service: one Django project, one database, one port."""
