"""Delivery: how notices leave the platform, and a log of what became of each."""
