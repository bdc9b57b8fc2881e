"""The door: GraphQL API, OAuth and the command line; all work is the engine's."""
