"""Shopify's search syntax, as the `query` arguments of the Admin API take it.

Source: shopify.dev, "Shopify API search syntax".
"""
