"""Broadcasts: one notice for many, in chunks."""
