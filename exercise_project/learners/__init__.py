"""Learners: what this service knows of the people who come to it."""
