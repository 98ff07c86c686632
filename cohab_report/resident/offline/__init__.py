"""What a phone keeps for a place without network: the whole form as one page, the worker that serves it, what a home screen asks for."""
