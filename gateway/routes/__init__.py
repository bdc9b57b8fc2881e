"""The HTTP routes beside the GraphQL API."""
