"""Partners: the organisations of the plan, the people who work there, and how they sign in."""
