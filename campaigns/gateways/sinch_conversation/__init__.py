"""Sinch's Conversation API for MMS and SMS: `client.py` speaks, `webhooks.py` listens, `codes.py`
translates, `setup.py` configures."""
