"""The work: pulls from Shopify, writes to MongoDB; has never heard of the gateway."""
