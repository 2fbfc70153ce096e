"""Operators' commands around what learners did."""
