"""Operators' commands around accounts: one per module."""
