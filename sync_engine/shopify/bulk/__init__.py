"""Bulk operations: start them, follow them, download and join what they exported."""
