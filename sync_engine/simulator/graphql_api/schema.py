"""The Admin schema that the simulator serves: Shopify's own, cut down to the types it knows."""

from importlib.resources import files

from graphql import GraphQLSchema, build_schema


def load_schema() -> GraphQLSchema:
    """Parse the committed extract (some 60 ms; do it once)."""
    sdl = files("sync_engine.simulator").joinpath("admin_2026_10.graphql")
    return build_schema(sdl.read_text(encoding="utf-8"))
