"""Operators' commands around sessions: one per module."""
