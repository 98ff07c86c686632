"""What would be sent and who would see it, sending it, and the receipt with its code."""
