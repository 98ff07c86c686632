"""E-mails to residents who left an address: which events they are notified of, how news is grouped, and the texts."""
