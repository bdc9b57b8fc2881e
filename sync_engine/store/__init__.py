"""Speaks MongoDB: shop-scoped repositories, indexes, leases, change streams; knows no Shopify.

No driver object leaves this package: Motor is one implementation, and its support ends in May 2027.
"""
