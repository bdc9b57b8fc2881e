"""GraphQL over HTTP, judged by the audits of the npm package graphql-http: all of them."""

import httpx

from config.settings import Settings
from tests.integration.gateway.conftest import OPERATOR_TOKEN
from tests.integration.gateway.node_client import run_script


async def test_every_audit_passes(http: httpx.AsyncClient, settings: Settings) -> None:
    del http  # the gateway runs
    audits = await run_script("audits.mjs", f"{settings.public_url}/graphql", OPERATOR_TOKEN)
    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []
