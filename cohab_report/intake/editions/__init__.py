"""The night's edition of what is public: what leaves the list and the map leaves them together, once a night."""
