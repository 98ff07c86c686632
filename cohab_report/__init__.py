"""Cohab Report."""
