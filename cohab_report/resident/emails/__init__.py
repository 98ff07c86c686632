"""News by e-mail: leaving an address, confirming it, changing it, erasing it."""
