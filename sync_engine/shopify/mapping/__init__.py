"""From what Shopify sends to canonical records, one module per resource."""
