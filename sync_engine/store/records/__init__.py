"""Customers, products and orders as documents: how each is written, read, filtered and sorted."""
