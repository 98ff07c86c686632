"""E-mail addresses of authors who asked for messages: in a table of their own, encrypted, erased on schedule."""
