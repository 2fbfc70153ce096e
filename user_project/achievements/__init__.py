"""Achievements: what learners earn by what they have done."""
