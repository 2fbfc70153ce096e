"""Certificates: the proof that somebody completed a course."""
