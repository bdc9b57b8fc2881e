"""The legacy REST Admin API of a simulated shop: customers, products, orders and the shop, read."""
