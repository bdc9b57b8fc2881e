"""Keeps to what Shopify allows, and uses all of it."""
