"""Speaks Shopify: client, throttle, bulk, mapping, OAuth, signatures; knows no MongoDB."""
