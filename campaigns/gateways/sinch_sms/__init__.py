"""Sinch's SMS REST API: `client.py` speaks, `webhooks.py` listens, `reading.py` asks for what was
missed."""
