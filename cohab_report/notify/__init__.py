"""Notifications: deliveries made from journal events, and sent as e-mails by a worker."""
