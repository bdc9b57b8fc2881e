"""The commands as their user types them."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from sync_engine.model.shop import GrantKind
from sync_engine.model.shop_domain import ShopDomain
from sync_engine.model.sync_enums import SyncState
from sync_engine.store.data_exports import DataExport
from sync_engine.store.store import Store
from tests.e2e.conftest import MakeEnvironment
from tests.e2e.program import start_program
from tests.simulator_process import simulator


async def run(*arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    program = await start_program(*arguments, environment=environment)
    return await program.result()


async def test_the_demo_walks_from_nothing_to_a_served_copy(tmp_path: Path) -> None:
    environment = {"ECHOSIGNAL_DATA_DIR": str(tmp_path)}
    code, output = await run("demo", "--orders", "300", "--exit", environment=environment)
    assert code == 0, output
    assert re.search(
        r"demo succeeded: 75 customers, 15 products, 300 orders in [\d.]+ s .*, 0 errors", output
    )


async def test_a_shop_is_connected_synced_listed_and_removed(
    make_environment: MakeEnvironment, store: Store, tmp_path: Path
) -> None:
    with simulator("corner:customers=30:products=10:orders=60", cache=tmp_path) as shopify:
        (shop,) = shopify.domains
        environment = make_environment(shopify)
        code, output = await run(
            "shops", "add", shop, "--access-token", "shpat_corner", environment=environment
        )
        assert (code, output.splitlines()[0]) == (0, f"Connected Corner ({shop}).")

        code, output = await run("sync", shop, environment=environment)
        assert code == 0
        assert f"{shop} succeeded: 30 customers, 10 products, 60 orders in " in output

        code, output = await run("shops", "list", environment=environment)
        assert code == 0
        assert shop in output

        code, output = await run(
            "tokens", "create", "--shop", shop, "--json", environment=environment
        )
        assert code == 0
        made = json.loads(output)
        assert set(made) == {"id", "token"}
        now = (await store.shop(shop).runs.latest()).queued_at  # type: ignore[union-attr]
        found = await store.api_tokens.authenticate(made["token"], now=now)
        assert found is not None
        assert found.id == made["id"]

        code, _ = await run("tokens", "revoke", made["id"], environment=environment)
        assert code == 0
        assert await store.api_tokens.authenticate(made["token"], now=now) is None

        code, _ = await run("shops", "remove", shop, "--purge", "--yes", environment=environment)
        assert code == 0
        assert await store.shops.get(shop) is None
        assert await store.shop(shop).orders.count() == 0

        code, output = await run("audit", shop, environment=environment)
        assert code == 0
        told = ["shops.remove", "tokens.revoke", "tokens.create", "shops.add"]
        lines = [line for line in output.splitlines() if "command line" in line]
        assert [what in line for what, line in zip(told, lines, strict=True)] == [True] * 4
        assert made["id"] in lines[1]
        assert made["token"] not in output


async def test_what_was_collected_for_a_person_is_listed_and_written_to_a_file(
    database_environment: dict[str, str], store: Store, tmp_path: Path
) -> None:
    now, shop = datetime.now(UTC), ShopDomain("asked.myshopify.com")
    export = DataExport(
        id="w-1", shop=shop, customer_id=7, request=99, asked_at=now, made_at=now, is_empty=False
    )
    await store.data_exports.add(export, b'{"customer": 7}\n')
    code, output = await run("privacy", "requests", environment=database_environment)
    assert code == 0
    (line,) = (line for line in output.splitlines() if shop in line)
    assert all(word in line for word in ("w-1", "7", "99", f"{now:%Y-%m-%d}", "data"))

    path = tmp_path / "export.json"
    write = ("privacy", "export", "w-1", "-o", str(path))
    code, _ = await run(*write, environment=database_environment)
    assert code == 0
    assert path.read_bytes() == b'{"customer": 7}\n'
    assert path.stat().st_mode & 0o777 == 0o600
    page = await store.shop(shop).audit.page(first=10)
    (entry,) = (item.node for item in page.items)
    assert (entry.what, entry.details) == (
        "privacy.export",
        {"request_id": "w-1", "customer_id": 7},
    )
    code, _ = await run(*write, environment=database_environment)
    assert code == 1
    assert path.read_bytes() == b'{"customer": 7}\n'


async def test_tokens_and_keys_are_looked_after(
    make_environment: MakeEnvironment, store: Store, tmp_path: Path
) -> None:
    with simulator("keyed:customers=1:products=1:orders=1", cache=tmp_path) as shopify:
        (shop,) = shopify.domains
        environment = make_environment(shopify)
        code, output = await run(
            "shops", "add", shop, "--client-credentials", environment=environment
        )
        assert (code, output.splitlines()[0]) == (0, f"Connected Keyed ({shop}).")
        grant = await store.shops.grant(shop)
        assert grant is not None
        assert grant.kind is GrantKind.CLIENT_CREDENTIALS

        create = ("tokens", "create", "--shop", shop, "--expires-days", "30")
        code, output = await run(*create, environment=environment)
        assert code == 0
        assert "Good until " in output
        (token,) = await store.api_tokens.list(shop)
        assert token.expires_at == token.created_at + timedelta(days=30)
        code, output = await run("tokens", "list", environment=environment)
        assert f"{token.expires_at:%Y-%m-%d %H:%M}" in output
        assert "never" in output  # used

        old_key = environment["ECHOSIGNAL_ENCRYPTION_KEYS"]
        new_key = Fernet.generate_key().decode()
        rotating = environment | {"ECHOSIGNAL_ENCRYPTION_KEYS": f"{new_key},{old_key}"}
        code, output = await run("tokens", "rotate-keys", environment=rotating)
        assert code == 0
        assert output.startswith("Encrypted the tokens of 1 shops with the newest key; 0 were")
        code, output = await run(
            "tokens", "rotate-keys", environment=rotating | {"ECHOSIGNAL_ENCRYPTION_KEYS": new_key}
        )
        assert (code, "; 1 were already." in output) == (0, True)
        code, output = await run("tokens", "rotate-keys", environment=environment)
        assert (code, f"{shop}: no key that is set opens its tokens" in output) == (1, True)


async def test_ctrl_c_stops_a_sync_within_seconds_and_the_next_goes_on(
    make_environment: MakeEnvironment, store: Store, tmp_path: Path
) -> None:
    arguments = ("--bulk-seconds", "3")
    spec = "patient:customers=30:products=10:orders=60"
    with simulator(spec, cache=tmp_path, arguments=arguments) as shopify:
        (shop,) = shopify.domains
        environment = make_environment(shopify) | {"ECHOSIGNAL_SYNC_LEASE_SECONDS": "600"}
        await run("shops", "add", shop, "--access-token", "shpat_patient", environment=environment)
        async with store.feed.open():
            with store.run_feed.listen(shop) as changes:
                program = await start_program(
                    "sync", shop, "--strategy", "bulk", environment=environment
                )
                while (await changes.next()).stages[2].checkpoint is None:
                    pass
                assert await program.interrupt() == 130
        code, output = await run("sync", shop, environment=environment)
        assert code == 0
        assert "Joining the sync" in output
        runs = await store.shop(shop).runs.page(first=10)
        (only,) = (item.node for item in runs.items)
        assert (only.state, only.resumed_count) == (SyncState.SUCCEEDED, 1)
        assert shopify.counters(shop)["bulk_submit"]["requests"] == 3


async def test_the_schema_is_printed() -> None:
    code, output = await run("schema", environment={})
    assert code == 0
    assert "type Query {" in output


@pytest.fixture
def database_environment(mongodb_uri: str, database_name: str) -> dict[str, str]:
    """Return the settings of a program on the test's database, and no others."""
    return {
        "ECHOSIGNAL_MONGODB_URI": mongodb_uri,
        "ECHOSIGNAL_MONGODB_DATABASE": database_name,
    }


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (("serve",), {}, "set ECHOSIGNAL_SHOPIFY_API_KEY, ECHOSIGNAL_SHOPIFY_API_SECRET, "),
        (("sync", "a.myshopify.com"), {}, "set ECHOSIGNAL_ENCRYPTION_KEYS"),
        (("shops", "list"), {"ECHOSIGNAL_PORTT": "1"}, "did you mean ECHOSIGNAL_PORT?"),
        (("shops", "list"), {"ECHOSIGNAL_PORT": "x"}, "ECHOSIGNAL_PORT: "),
        (("shops", "list"), {"ECHOSIGNAL_ENCRYPTION_KEYS": "short"}, "is not a Fernet key"),
        (("tokens", "create", "--shop", "nowhere.com"), {}, "is not a shop domain"),
        (("tokens", "create", "--shop", "a.myshopify.com"), {}, "a.myshopify.com is not connected"),
        (("tokens", "revoke", "unknown"), {}, "there is no token unknown"),
        (("shops", "remove", "a.myshopify.com"), {}, "a.myshopify.com is not connected"),
        (("privacy", "export", "nothing", "-o", "/dev/null"), {}, "there is no export nothing"),
    ],
)
async def test_a_command_that_cannot_be_carried_out_says_why_in_a_line(
    database_environment: dict[str, str],
    capfd: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    environment: dict[str, str],
    sentence: str,
) -> None:
    code, _ = await run(*arguments, environment=database_environment | environment)
    errors = capfd.readouterr().err
    assert code == 1
    assert sentence in " ".join(errors.split())
    assert "Traceback" not in errors


async def test_a_second_program_on_the_same_data_directory_is_told_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], encryption_key: str
) -> None:
    environment = {
        "ECHOSIGNAL_DATA_DIR": str(tmp_path),
        "ECHOSIGNAL_ENCRYPTION_KEYS": encryption_key,
    }
    first = await start_program("worker", environment=environment)
    assert (await first.line()).startswith("Working")
    code, _ = await run("worker", environment=environment)
    assert code == 1
    assert "is in use by process" in capfd.readouterr().err
    code, output = await run("shops", "list", environment=environment)
    assert (code, output) == (0, "No shop is connected.\n")
    assert await first.interrupt() == 130
