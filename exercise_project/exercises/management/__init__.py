"""Operators' commands around exercises."""
