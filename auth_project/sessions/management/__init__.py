"""Operators' commands around sessions."""
