"""Sinch's MMS JSON API: `client.py` speaks, `webhooks.py` listens, `codes.py` translates."""
