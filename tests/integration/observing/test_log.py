"""The log of an eventful day: nobody's data, no secret, and every line says what it belongs to."""

import json
import re

from tests.integration.observing.eventful_day import GUESSES, SHOP, Day
from tests.private_data import private_data


def test_it_holds_no_secret_and_nobodys_data(day: Day) -> None:
    assert private_data(day.log, [*day.secrets, *GUESSES]) == []
    words = set(re.findall(r"[^\s\"'\[\](){}<>,;:=]+", day.log))
    assert day.people
    for each in day.people:
        assert each not in (words if " " not in each else day.log), each


def test_nothing_had_to_be_hidden_but_what_others_wrote(day: Day) -> None:
    """Hiding is the second line of defence; the first is that nothing private is logged."""
    hidden = {
        (line["event"], name)
        for line in map(json.loads, day.log.splitlines())
        for name, value in line.items()
        if "[hidden]" in json.dumps(value)
    }
    assert hidden == {
        ("request.finished", "topic"),  # of a webhook that was signed, and made up
        ("webhook.refused", "reason"),  # a domain that is none
    }


def test_lines_of_requests_say_which_they_are(day: Day) -> None:
    requests = day.lines("request.finished")
    assert len({line["correlation_id"] for line in requests}) == len(requests)
    (people,) = [line for line in requests if line.get("operation") == "People" and "shop" in line]
    assert people.items() >= {"shop": SHOP, "kind": "query", "outcome": "ok"}.items()
    (crash,) = day.lines("graphql.failed")
    (failed,) = [line for line in requests if line.get("operation") == "Crash"]
    assert crash["correlation_id"] == failed["correlation_id"]
    assert crash["shop"] == failed["shop"] == SHOP
    (watch,) = day.lines("operation.finished")
    assert watch.items() >= {"operation": "Watch", "shop": SHOP, "outcome": "ended"}.items()


def test_lines_of_work_say_which_it_is(day: Day) -> None:
    finished = day.lines("run.finished")
    assert [line["state"] for line in finished] == ["PARTIAL", "FAILED"]
    assert len({line["run_id"] for line in finished}) == 2
    of_runs = [*finished, *day.lines("run.taken_up")]
    assert all(line["shop"] == SHOP and line["run_id"] for line in of_runs)
    batches = day.lines("webhooks.applied")
    assert sum(line["events"] for line in batches) >= 42
    assert all(line["shop"] == SHOP and line["batch_id"] for line in batches)
    jobs = day.lines("schedule.job_done")
    assert {line["job"] for line in jobs} >= {"check_subscriptions"}
    assert all(line["shop"] == SHOP for line in jobs)
