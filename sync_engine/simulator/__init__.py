"""A Shopify Admin API for development, demonstrations and tests; imports nothing of the engine."""
