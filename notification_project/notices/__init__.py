"""Notices: what people are told inside the platform, and what they want to be told."""
