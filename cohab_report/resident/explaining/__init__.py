"""What is told to everybody about this service: how it works, for people and for the scripts of its pages."""
