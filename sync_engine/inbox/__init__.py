"""Turns stored webhooks into writes: read, coalesced, completed where they are not whole."""
