"""Subscriptions over plain HTTP, for clients and networks without WebSockets."""
