"""Codes by mail: a forgotten password, an address to confirm."""
