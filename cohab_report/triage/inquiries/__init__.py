"""What the team asks the author of an observation, from the case's page, and what of it a list of cases shows."""
