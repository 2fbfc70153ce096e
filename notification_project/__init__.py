"""The notification service: one Django project, one database, one port."""
