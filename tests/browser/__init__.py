"""Walks through the pages in a real browser, as a person would."""
