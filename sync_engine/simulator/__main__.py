"""`python -m sync_engine.simulator`: a simulated Shopify on this machine."""

import argparse
import sys
from pathlib import Path

from sync_engine.simulator.server import default_cache_dir, serve
from sync_engine.simulator.simulation import (
    DEFAULT_API_KEY,
    DEFAULT_API_SECRET,
    SimulationConfig,
)
from sync_engine.simulator.spec import DEFAULT_SCOPES, SHOP_KEYS, ShopSpec, SpecError
from sync_engine.simulator.webhooks.app_config import AppConfig, AppConfigError, read_app_config


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve; 2 for a spec that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        shops = [ShopSpec.parse(text) for text in options.shop or ["demo"]]
        app_config = AppConfig()
        if options.app_config is not None:
            app_config = read_app_config(options.app_config.read_text(encoding="utf-8"))
    except (SpecError, AppConfigError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    serve(
        SimulationConfig(
            shops=shops,
            cache_dir=options.cache_dir,
            api_key=options.api_key,
            api_secret=options.api_secret,
            app_config=app_config,
            app_scopes=frozenset(options.app_scopes.split(",")),
            bulk_seconds=options.bulk_seconds,
            host=options.host,
            port=options.port,
        )
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    keys = "\n".join(f"  {key:15} {meaning}" for key, meaning in SHOP_KEYS.items())
    parser = argparse.ArgumentParser(
        prog="echosignal simulate",
        description="A Shopify Admin API to develop, demonstrate and test against.",
        epilog=f"Keys of a shop spec (name:key=value:key=value):\n{keys}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=9300, help="0 picks a free one (default: %(default)s)")
    add("--shop", action="append", metavar="SPEC", help="a shop; may be repeated")
    add("--api-key", default=DEFAULT_API_KEY, help="client id of the app (default: %(default)s)")
    add("--api-secret", default=DEFAULT_API_SECRET, help="client secret (default: %(default)s)")
    add(
        "--app-scopes",
        default=",".join(DEFAULT_SCOPES),
        help="scopes that the app's settings ask for (default: %(default)s)",
    )
    add(
        "--app-config",
        type=Path,
        metavar="TOML",
        help="shopify.app.toml with webhook subscriptions, compliance topics included",
    )
    add("--cache-dir", type=Path, default=default_cache_dir(), help="for bulk results")
    add("--bulk-seconds", type=float, help="fixed time of every bulk operation")
    return parser


if __name__ == "__main__":
    sys.exit(main())
