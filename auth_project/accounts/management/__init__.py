"""Operators' commands around accounts."""
