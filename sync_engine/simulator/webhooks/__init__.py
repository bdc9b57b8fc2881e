"""Webhooks: who subscribed to what, what is sent, and how it is delivered, late, twice or never."""
