"""The dashboard, the alerts and the documents speak of metrics that exist, and of nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.observing.eventful_day import Day

DOCS = Path(__file__).parents[3] / "docs"
METRIC = re.compile(r"\b(?:echosignal|process)_[a-z_]+\b")
LABELS = re.compile(r"\b((?:echosignal|process)_[a-z_]+)\{([^}]*)\}")
OF_PROMETHEUS = {"job", "instance"}


def dashboard() -> list[str]:
    """Return every query of the dashboard."""
    content = json.loads((DOCS / "grafana-dashboard.json").read_text())
    return [query for panel in content["panels"] for query in queries(panel)]


def queries(panel: dict[str, Any]) -> Iterator[str]:
    for target in panel.get("targets", ()):
        yield target["expr"]


def alerts() -> str:
    return (DOCS / "alerts.yml").read_text()


@pytest.fixture(scope="module")
def known(day: Day) -> dict[str, set[str]]:
    """Return the labels of every metric that a gateway has shown, by its name."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(day.metrics):
        for ending in ("", "_bucket", "_count", "_sum", "_total", "_info"):
            found.setdefault(f"{family.name}{ending}", set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_metric_that_is_spoken_of_exists(known: dict[str, set[str]]) -> None:
    operations = (DOCS / "operations.md").read_text()
    for text in ("\n".join(dashboard()), alerts(), operations):
        names = set(METRIC.findall(text))
        assert names
        assert names - known.keys() == set()


def test_every_metric_of_ours_is_on_the_dashboard(day: Day) -> None:
    shown = " ".join(dashboard())
    ours = {
        family.name
        for family in text_string_to_metric_families(day.metrics)
        if family.name.startswith("echosignal_") and not family.name.endswith("_created")
    }
    assert {name for name in ours if name not in shown} == {"echosignal_database_up"}


def test_labels_that_are_asked_for_exist(known: dict[str, set[str]]) -> None:
    for text in (*dashboard(), alerts()):
        for metric, conditions in LABELS.findall(text):
            wanted = set(re.findall(r"(\w+)\s*(?:=|!=)", conditions))
            if known[metric]:  # where nothing was counted no label is seen
                assert wanted - OF_PROMETHEUS <= known[metric], metric


def test_every_alert_leads_to_a_part_of_the_runbook() -> None:
    headings = re.findall(r"^#+ (.+)$", (DOCS / "operations.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}
    runbooks = re.findall(r"runbook: docs/operations\.md#(\S+)", alerts())
    assert len(runbooks) == alerts().count("- alert:")
    assert set(runbooks) - anchors == set()
