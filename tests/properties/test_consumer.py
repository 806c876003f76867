"""Whatever a bought file says, nothing that cares for a person changes: only a task and a listed document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bedside.errors import BedsideError, IntakeError
from bedside.genome.event import EventKind
from bedside.genome.locus import Build
from bedside.genome.result import Confirmation
from bedside.intake.consumer import read_consumer
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.consumer_policy import load_consumer_policy
from bedside.service.accept_consumer import accept_consumer, known_positions
from bedside.service.answer_hook import answer
from bedside.service.house import House, newest_pack
from bedside.service.reinterpret_all import reinterpret
from bedside.service.rules import rules_of
from bedside.service.show_chart import show_chart
from bedside.service.show_person import show
from bedside.service.write_person import as_fhir, as_json
from tests.contract.site import medication, open_site, record, request
from tests.examples import examples

POLICY = load_consumer_policy()
KNOWN = tuple(known_positions(load_pgx()))
PEOPLE = ("p1", "stranger")
ORDERS = (medication("clopidogrel", "32968"), medication("codeine", "2670"), medication("warfarin", "11289"))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with TemporaryDirectory() as folder:
        site = open_site(Path(folder))
        record(site.house, "p1", {"CYP2C19": "*1/*1"}, taken={"32968": "clopidogrel", "36567": "simvastatin"})
        yield site.house
        site.house.close()


def rows(house: House) -> some.SearchStrategy[list[str]]:
    """Rows of every pharmacogene's markers and of others, with letters that chips write, right and wrong."""
    known = [
        (at.rsid, at.chromosome.removeprefix("chr"), at.position)
        for gene in house.pgx.genes.values()
        for at in gene.positions
        if at.rsid
    ]
    letters = some.sampled_from(["AA", "CC", "GG", "TT", "AG", "CT", "AC", "GT", "--", "II", "DI", "DD", "A"])
    other = some.tuples(
        some.integers(1, 10**8).map("rs{}".format),
        some.sampled_from(["1", "17", "X", "MT"]),
        some.integers(1, 10**7),
    )
    row = some.tuples(some.sampled_from(known) | other, letters)
    return some.lists(row.map(lambda one: "\t".join((*map(str, one[0]), one[1]))), min_size=1, max_size=40)


def cared_for(house: House, person: str) -> dict[str, Any]:
    """Everything that care reads of a person, without tasks, documents and the record's own history."""
    seen: dict[str, Any] = {"calls": house.ledger.person_calls(person)}
    seen["answers"] = {gene: house.ledger.gene_answers(gene).get(person) for gene in house.pgx.genes}
    chart = show_chart(house, rules_of(house).ruleset, person, "x")
    if chart is not None:
        seen["chart"] = replace(chart, tasks=(), history=(), deliveries=())
    try:
        view = show(house, person)
        told = json.loads(as_json(view))
        seen["show"] = {name: told[name] for name in told if name not in ("tasks", "results")}
        seen["fhir"] = json.loads(as_fhir(house, view))["entry"]
    except BedsideError as error:
        seen["show"] = str(error)
    for hook in ("order-select", "order-sign", "patient-view"):
        drafts = () if hook == "patient-view" else ORDERS
        body = request(hook, *drafts, patientId=person)
        for draft in body["context"].get("draftOrders", {}).get("entry", ()):
            draft["resource"] = {**draft["resource"], "subject": {"reference": f"Patient/{person}"}}
        try:
            cards = answer(house, f"bedside-pgx-{hook}", body)["cards"]
            seen[hook] = [{name: card[name] for name in ("summary", "indicator", "detail")} for card in cards]
        except BedsideError as error:
            seen[hook] = (type(error).__name__, str(error))
    return seen


@given(data=some.data(), person=some.sampled_from(PEOPLE))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_consumer_file_changes_nothing_but_a_task_and_a_listed_document(
    house: House, data: some.DataObject, person: str
) -> None:
    text = "\n".join(data.draw(rows(house)))
    cared_for(house, person)  # a card that was shown before is shown again in a quieter way: ask twice
    before, events = cared_for(house, person), house.ledger.checkpoint().sequence
    tasks, results = house.ledger.tasks(person), house.ledger.results(person)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "raw.txt"
        path.write_text(f"# {person}\nrsid\tchromosome\tposition\tgenotype\n{text}\n")
        accepted = accept_consumer(house, path, person, build=Build.GRCH38)
    written = [event for event in house.ledger.events(after=events) if event.kind is not EventKind.ACCESSED]
    if not accepted.new:
        assert written == []
        return
    assert [event.kind for event in written] == [EventKind.RESULT_ACCEPTED, EventKind.TASK_OPENED]
    assert [task for task in house.ledger.tasks(person) if task not in tasks] == [accepted.task]
    (listed,) = (one for one in house.ledger.results(person) if one not in results)
    assert (listed.confirmation, listed.observations, listed.calls) == (Confirmation.UNCONFIRMED, {}, {})
    assert unchanged(before, cared_for(house, person), person)


def unchanged(before: dict[str, Any], after: dict[str, Any], person: str) -> bool:
    """The same, but that somebody of whom nothing was known has an empty record where there was none."""
    if person == "stranger" and "chart" not in before:
        assert {row.look.value for row in after["chart"].genes} == {"not tested"}
        assert not after["chart"].medicines
        assert {gene["status"] for gene in after["show"]["genes"]} == {"not-tested"}
        after = {**after, "show": before["show"], "chart": None, "fhir": None}
        before = {**before, "chart": None, "fhir": None}
    return before == after


def test_a_new_knowledge_release_derives_nothing_from_a_consumer_file(house: House) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "raw.txt"
        path.write_text(
            "# build 37, 23andMe\nrsid\tchromosome\tposition\tgenotype\nrs4244285\t10\t96541616\tAA\n"
        )
        accepted = accept_consumer(house, path, "p1")
    other = newest_pack(house.settings)
    renamed = replace(other, release=replace(other.release, date="2026-01-01"))
    reinterpret(house, renamed)
    (held,) = (one for one in house.ledger.results("p1") if one.result == accepted.result)
    assert (held.calls, held.release) == ({}, "")


SAMPLE = (
    "# 23andMe, build 37\nrsid\tchromosome\tposition\tgenotype\nrs1\t1\t101\tAA\nrs2\tX\t5\tA\nrs3\tMT\t"
    "7\t--\nrs4244285\t10\t96541616\tAG\n"
)
pieces = some.sampled_from(
    ["\t", "\n", ",", '"', "#", "rs1", "--", "AG", "99", "\x00", "é", " ", "##fileformat=VCF"]
)


@given(
    some.lists(some.tuples(some.integers(0, len(SAMPLE)), some.integers(0, 9), pieces), max_size=6),
    some.sampled_from([None, *Build]),
)
@settings(max_examples=examples(150), deadline=None)
def test_a_damaged_file_is_read_whole_or_refused_with_its_problems(edits, build) -> None:
    text = SAMPLE
    for place, cut, piece in edits:
        text = text[:place] + piece + text[place + cut :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "raw.txt"
        path.write_text(text)
        try:
            found = read_consumer(path, POLICY, KNOWN, build)
        except IntakeError as error:
            refused = error.problems
        else:
            refused = None
    if refused is not None:
        assert refused
        return
    assert len(found.markers) > 0
    assert all(set(letters) <= set("ACGTDI/") for letters in found.markers.letters)
    assert {one.name for one in found.seen} <= {one.name for one in KNOWN}
