"""Operators' commands around goals."""
