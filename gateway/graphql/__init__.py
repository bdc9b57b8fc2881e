"""The GraphQL API: what clients may ask, in which words, and what they get."""
