"""Reads whole records from GraphQL: lists page by page, single ones by id."""
