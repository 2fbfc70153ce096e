"""Profiles: what a person says about themselves, and how others see them."""
