"""Tests of the life cycle."""
