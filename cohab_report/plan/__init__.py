"""Plan: the fields and actions of the city's plan, and what is published about them."""
