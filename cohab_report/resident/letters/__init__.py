"""Being told by e-mail: leaving an address, confirming it, changing it, ending it."""
