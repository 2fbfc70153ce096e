"""Operators' commands around exercises: one per module."""
