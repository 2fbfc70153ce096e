"""Submissions: writing and speaking, marked by people."""
