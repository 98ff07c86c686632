"""What a signed-in person chooses for their own account."""
