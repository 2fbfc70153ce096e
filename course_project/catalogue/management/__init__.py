"""Operators' commands around the catalogue."""
