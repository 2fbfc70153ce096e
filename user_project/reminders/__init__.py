"""Reminders: a word to learners who have not studied today."""
