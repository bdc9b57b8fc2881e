"""HTTP: what Shopify answers on its URLs, and the control endpoint beside them."""
