"""Exercises: listening and reading tests, their versions and their keys."""
