"""What operations cost in points, and who has how many left. The prices are Shopify's."""
