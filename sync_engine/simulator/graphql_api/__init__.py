"""The GraphQL Admin API of a simulated shop."""
