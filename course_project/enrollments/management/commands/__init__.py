"""Operators' commands around what learners did: one per module."""
