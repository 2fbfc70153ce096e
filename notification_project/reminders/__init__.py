"""Reminders: weekdays and a local time, and a notice each time they come."""
