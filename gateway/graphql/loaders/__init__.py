"""Batched reads within one operation: what many fields ask for one by one is read once."""
