"""Tests of study sessions."""
