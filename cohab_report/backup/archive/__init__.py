"""The file of a backup: a tar with a manifest as its last member and, behind it, the SHA-256 of all that came before.

Knows neither the database nor the app.
"""
