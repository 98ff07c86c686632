"""What for: the plan's fields and actions, and what is published about them."""
