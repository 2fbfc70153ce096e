"""Operators' commands around goals: one per module."""
