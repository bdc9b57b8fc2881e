"""The commands and their arguments; what each does stands in a module of its own."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli.running import run_command, settings_or_fail
from sync_engine.model.access import ViewerScope
from sync_engine.model.sync_enums import SyncMode, SyncStrategy

_PIPE_COLUMNS = 250

Domain = Annotated[str, typer.Argument(metavar="SHOP", help="my-store.myshopify.com")]

app = typer.Typer(
    name="echosignal",
    help="Keeps a live, exact copy of Shopify stores in MongoDB and serves it over GraphQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
shops_app = typer.Typer(help="Connect shops, list them, let them go.", no_args_is_help=True)
tokens_app = typer.Typer(help="Make, list and revoke tokens of API callers.", no_args_is_help=True)
kpis_app = typer.Typer(help="Build figures anew, compare them with orders.", no_args_is_help=True)
archive_app = typer.Typer(help="Move old orders to files, and back.", no_args_is_help=True)
app.add_typer(shops_app, name="shops")
app.add_typer(archive_app, name="archive")
app.add_typer(kpis_app, name="kpis")
app.add_typer(tokens_app, name="tokens")
privacy_app = typer.Typer(help="What people have asked for of their data.", no_args_is_help=True)
app.add_typer(privacy_app, name="privacy")


def console() -> Console:
    """Return where results go; nothing is cut to fit where they go to a file or a pipe."""
    width = None if sys.stdout.isatty() else _PIPE_COLUMNS
    return Console(highlight=False, soft_wrap=True, width=width)


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def demo(
    orders: Annotated[int, typer.Option(min=0, help="How many orders the shop has.")] = 20_000,
    *,
    exits: Annotated[bool, typer.Option("--exit", help="End after the first sync.")] = False,
) -> None:
    """See it work: installs a simulated shop, syncs it, serves it until Ctrl-C."""
    from gateway.cli.demo import demo as run_demo  # noqa: PLC0415 - commands load what they need

    run_command(run_demo(settings_or_fail, console(), orders=orders, exits=exits))


@app.command()
def serve() -> None:
    """Serve the API and the installs, and work on syncs."""
    from gateway.cli.serve import serve as run_serve  # noqa: PLC0415

    run_command(run_serve(settings_or_fail(is_quiet=False), console()))


@app.command()
def worker() -> None:
    """Work on syncs only; any number of workers may share one MongoDB."""
    from gateway.cli.serve import work  # noqa: PLC0415

    run_command(work(settings_or_fail(is_quiet=False), console()))


@app.command()
def sync(
    shop: Domain,
    mode: Annotated[
        SyncMode,
        typer.Option(
            help="initial: everything; incremental: what has changed since the last sync; "
            "reconcile: what was deleted or missed.",
            case_sensitive=False,
        ),
    ] = SyncMode.INITIAL,
    strategy: Annotated[
        SyncStrategy | None,
        typer.Option(help="How to read; decided by itself if left out.", case_sensitive=False),
    ] = None,
) -> None:
    """Sync one shop now and show how it goes."""
    from gateway.cli.sync import sync as run_sync  # noqa: PLC0415

    run_command(run_sync(settings_or_fail(), shop, console(), mode=mode, strategy=strategy))


@app.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def simulate(context: typer.Context) -> None:
    """Run a Shopify to develop and test against; --help says how shops are described."""
    from sync_engine.simulator.__main__ import main as run_simulator  # noqa: PLC0415

    raise typer.Exit(run_simulator(context.args))


@app.command()
def schema() -> None:
    """Print the GraphQL schema of the gateway."""
    from gateway.graphql.schema import print_schema  # noqa: PLC0415

    sys.stdout.write(print_schema())


@app.command()
def doctor() -> None:
    """Say what is set, what can be reached, and what to do about the rest."""
    from gateway.cli.doctor import examine  # noqa: PLC0415

    run_command(examine(settings_or_fail(), console()))


@shops_app.command("add")
def shops_add(
    shop: Domain,
    access_token: Annotated[
        str | None,
        typer.Option(help="An Admin API token; asked for if left out."),
    ] = None,
    *,
    client_credentials: Annotated[
        bool,
        typer.Option(
            "--client-credentials",
            help="Get the token with the app's own key and secret: for a merchant's own app.",
        ),
    ] = False,
    by_oauth: Annotated[
        bool,
        typer.Option(
            "--by-oauth",
            help="The token was got by OAuth for this very app: ECHOSIGNAL_SHOPIFY_MIGRATE_TOKENS "
            "is about it too.",
        ),
    ] = False,
) -> None:
    """Connect a shop by an Admin API token, or by the app's own key, without consent."""
    from gateway.cli.shops import add_own_shop, add_shop  # noqa: PLC0415

    settings = settings_or_fail()
    if client_credentials:
        run_command(add_own_shop(settings, shop, console()))
        return
    token = access_token or typer.prompt("Access token", hide_input=True)
    run_command(add_shop(settings, shop, token, console(), is_by_oauth=by_oauth))


@shops_app.command("list")
def shops_list() -> None:
    """List the shops that were ever connected."""
    from gateway.cli.shops import list_shops  # noqa: PLC0415

    run_command(list_shops(settings_or_fail(), console()))


@shops_app.command("show")
def shops_show(shop: Domain) -> None:
    """Show one shop: status, allowances, how far its copy is and what comes next."""
    from gateway.cli.show_shop import show_shop  # noqa: PLC0415

    run_command(show_shop(settings_or_fail(), shop, console()))


@shops_app.command("remove")
def shops_remove(
    shop: Domain,
    *,
    purge: Annotated[bool, typer.Option("--purge", help="Delete its data too, for good.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop all work for a shop and forget its tokens; its data stays without --purge."""
    from gateway.cli.shops import remove_shop  # noqa: PLC0415

    if purge and not yes:
        typer.confirm(f"Delete everything that is stored of {shop}?", abort=True)
    run_command(remove_shop(settings_or_fail(), shop, console(), purges_data=purge))


@kpis_app.command("rebuild")
def kpis_rebuild(shop: Domain) -> None:
    """Compute a shop's figures from its orders, while it goes on being synced and served."""
    from gateway.cli.kpis import rebuild_kpis  # noqa: PLC0415

    run_command(rebuild_kpis(settings_or_fail(), shop, console()))


@kpis_app.command("verify")
def kpis_verify(shop: Domain) -> None:
    """Compare a shop's figures with what its orders come to, without writing anything."""
    from gateway.cli.kpis import verify_kpis  # noqa: PLC0415

    run_command(verify_kpis(settings_or_fail(), shop, console()))


@archive_app.command("list")
def archive_list(shop: Domain) -> None:
    """List what is in a shop's archive."""
    from gateway.cli.archive import list_archive  # noqa: PLC0415

    run_command(list_archive(settings_or_fail(), shop, console()))


@archive_app.command("run")
def archive_run(
    shop: Domain,
    *,
    takes_restored: Annotated[
        bool, typer.Option("--restored", help="Also months that were restored, which stay else.")
    ] = False,
) -> None:
    """Move the orders that are old enough now, instead of during the day."""
    from gateway.cli.archive import run_archive  # noqa: PLC0415

    work = run_archive(settings_or_fail(), shop, console(), takes_restored=takes_restored)
    run_command(work)


@archive_app.command("restore")
def archive_restore(
    shop: Domain, month: Annotated[str, typer.Argument(metavar="MONTH", help="2025-01")]
) -> None:
    """Bring the orders of a month back; they stay until they are asked to move again."""
    from gateway.cli.archive import restore_month  # noqa: PLC0415

    run_command(restore_month(settings_or_fail(), shop, month, console()))


@tokens_app.command("create")
def tokens_create(
    shop: Annotated[str, typer.Option(help="Whose data the token may ask for.")],
    scope: Annotated[
        list[ViewerScope] | None,
        typer.Option(help="What for; may be given several times.", case_sensitive=False),
    ] = None,
    *,
    expires_days: Annotated[
        int | None,
        typer.Option(min=1, max=3650, help="How long it is good; for ever if left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print id and token as JSON.")] = False,
) -> None:
    """Make a token for a shop and show it, this once."""
    from gateway.cli.tokens import create_token  # noqa: PLC0415

    work = create_token(
        settings_or_fail(),
        shop,
        scope or (),
        console(),
        expires_days=expires_days,
        as_json=as_json,
    )
    run_command(work)


@tokens_app.command("list")
def tokens_list(
    shop: Annotated[str | None, typer.Option(help="Only the tokens of this shop.")] = None,
) -> None:
    """List tokens without their secrets."""
    from gateway.cli.tokens import list_tokens  # noqa: PLC0415

    run_command(list_tokens(settings_or_fail(), shop, console()))


@tokens_app.command("revoke")
def tokens_revoke(token_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """End a token at once."""
    from gateway.cli.tokens import revoke_token  # noqa: PLC0415

    run_command(revoke_token(settings_or_fail(), token_id, console()))


@tokens_app.command("rotate-keys")
def tokens_rotate_keys() -> None:
    """Encrypt the stored tokens of all shops with the newest key; can be run at any time."""
    from gateway.cli.rotate_keys import rotate_keys  # noqa: PLC0415

    run_command(rotate_keys(settings_or_fail(), console()))


@privacy_app.command("requests")
def privacy_requests(
    shop: Annotated[
        str | None, typer.Argument(metavar="SHOP", help="Only those of this shop.")
    ] = None,
) -> None:
    """List who has asked for their data, with what was collected for them."""
    from gateway.cli.privacy import list_requests  # noqa: PLC0415

    run_command(list_requests(settings_or_fail(), shop, console()))


@privacy_app.command("export")
def privacy_export(
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to make.")],
) -> None:
    """Write what was collected for a request to a file, to be handed over."""
    from gateway.cli.privacy import write_export  # noqa: PLC0415

    run_command(write_export(settings_or_fail(), request_id, output, console()))


@app.command()
def audit(
    shop: Annotated[
        str | None, typer.Argument(metavar="SHOP", help="Only what concerns this shop.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only from this moment on, in UTC.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries at most.")] = 1_000,
) -> None:
    """Show who changed what and what was done about people's data, the newest first."""
    from gateway.cli.audit import show_audit  # noqa: PLC0415

    moment = None if since is None else since.replace(tzinfo=UTC)
    work = show_audit(settings_or_fail(), shop, console(), since=moment, limit=limit)
    run_command(work)
