"""Residents who left an address: which changes they are told of, several at once, and in which words."""
