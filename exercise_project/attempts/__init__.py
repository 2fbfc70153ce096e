"""Attempts: learners take exercises, and get results."""
