"""Offline use: the whole form as one page, the service worker that caches it, the manifest, and JSON for observations
sent by scripts.
"""
