"""Shopify's legacy REST Admin API, read."""
