"""How one resource is pulled from Shopify: yields batches of records and says where to go on."""
