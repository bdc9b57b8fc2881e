"""The truth: what a simulated shop holds, as frozen values.

GraphQL, REST and JSONL are views of these values, and tests compare stored documents with them.
No value knows how it is served or where it came from.
"""
