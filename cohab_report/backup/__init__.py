"""Backups of a whole site in one file, made while it runs; restoring one into an empty place; the nightly one.

Reads every package and decides nothing of theirs. A file has the database, the photos that it refers to and a manifest;
the keys only if somebody asks, encrypted.
"""
