"""Operators' commands around the catalogue: one per module."""
