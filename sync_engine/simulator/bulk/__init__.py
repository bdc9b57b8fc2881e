"""Bulk operations: a query runs on its own and leaves a JSONL file."""
