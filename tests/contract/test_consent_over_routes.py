"""Consent at every read of a genome, over the route table: after it is taken back no route reads the lake for
that person, whatever the address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside.genome.consent import Decision, Giver, Said, Scope
from bedside.genome.evidence import Seen
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.house import lake_of
from bedside.service.record_consent import record_decisions
from tests.contract.test_access_matrix import Ask, Served, answers, filled, is_alias, is_page, methods, serve
from tests.contract.test_fhir_operations import keep_genome
from tests.made_up_genomes import Row
from tests.made_up_record import INGRID

READS = ("variants", "presence", "looked_at", "export", "carriers", "presence_of", "tested", "allele_counts")
RANGE = {"subject": INGRID, "ranges": "NC_000019.10:900-1100"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = serve(tmp_path)
    rows = [Row(Variant("chr19", 1000, "A", "G"), copies=1, phase_set=0, strands=1)]
    keep_genome(made.house, INGRID, rows, [(Region("chr19", 900, 1100), Seen.REFERENCE)])
    yield made
    made.house.close()


def reads(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the lake's questions that any route asked and in which Ingrid was counted."""
    lake, seen = lake_of(served.house), list[str]()

    def spied(name: str, original: Any) -> Any:
        def question(*given: Any, **named: Any) -> Any:
            among = [one for one in (*given, *named.values()) if type(one).__name__ == "Among"]
            if INGRID in given or any(one.people is None or INGRID in one.people for one in among):
                seen.append(name)
            return original(*given, **named)

        return question

    for name in READS:
        monkeypatch.setattr(type(lake), name, _unbound(spied(name, getattr(lake, name))))
    asks = []
    for route in served.routes:
        if is_alias(route):
            continue
        for method in methods(route):
            form = is_page(route) and method == "POST"
            more: dict[str, Any] = {"data": {"asked": "chr19:900-1100"}} if form else {"params": RANGE}
            if route.path == "/people/{record_id}/consent" and method == "POST":
                continue
            asks.append(Ask(route, method, "all", filled(served, route, INGRID), more, form))
    answers(served, asks)
    return seen


def _unbound(question: Any) -> Any:
    return lambda self, *given, **named: question(*given, **named)


def test_with_consent_the_genome_is_read(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said(Decision.GIVEN, None, Giver.SELF, ())
    record_decisions(served.house, INGRID, {Scope.CLINICAL: Decision.GIVEN}, said, actor="test")
    assert {"variants", "looked_at"} <= set(reads(served, monkeypatch))


def test_without_it_no_route_reads_it(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Said(Decision.WITHDRAWN, None, Giver.SELF, ())
    record_decisions(served.house, INGRID, {Scope.CLINICAL: Decision.WITHDRAWN}, said, actor="test")
    assert reads(served, monkeypatch) == []
