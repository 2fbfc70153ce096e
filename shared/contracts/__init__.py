"""Endpoints and events of the five services: one module per callee, and events."""
