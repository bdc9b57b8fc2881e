"""The command line: ``echosignal``."""

from gateway.cli.commands import main

__all__ = ["main"]
