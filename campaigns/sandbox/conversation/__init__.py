"""The pretend Conversation API: tokens, messages, apps, webhooks, signed callbacks."""
