"""A result that turned out to be somebody else's: its genome answers no question any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bedside.errors import RequestError
from bedside.genome.consent import Decision, Purpose, Said, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.presence import NotTested, Present, Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import parse_variant
from bedside.service.accept_genome import Genomes, admit_runs, store_runs, stored_events
from bedside.service.ask_genome import ask_variants
from bedside.service.consented_lake import asked
from bedside.service.house import House
from bedside.service.reanalysis_view import MAY_NOT_BE_READ, Filter, inbox
from bedside.service.record_consent import record_decisions
from bedside.service.record_ids import record_ids
from bedside.service.withdraw_result import withdraw_result
from tests.unit.service.made_up_biobank import BRCA2, MUTYH, Somebody, biobank, enrol, genome

HERS, NOT_HERS = parse_variant(BRCA2), parse_variant(MUTYH)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = biobank(tmp_path)
    yield house
    house.close()


def second_run(house: House, person: str, variant: str, result: str) -> None:
    one = Somebody(person, [(variant, Zygosity.HETEROZYGOUS)])
    runs = store_runs(
        house, Genomes({person: (genome(one),)}, {}), [(person, person, result)], Confirmation.CLINICAL
    )
    payload = {
        "result": result, "sample": person, "documents": [], "assay": "",
        "confirmation": "clinical", "observations": {},
    }  # fmt: skip
    now = house.clock()
    house.ledger.append(
        [
            NewEvent(EventKind.RESULT_ACCEPTED, "laboratory", now, person, payload, result),
            *stored_events(runs, Genomes({}, {}), "laboratory", now),
        ]
    )
    admit_runs(house)


def test_a_withdrawn_genome_is_asked_in_vain(house: House) -> None:
    enrol(house, Somebody("anna", [(BRCA2, Zygosity.HETEROZYGOUS)]))
    withdraw_result(house, "r-anna", "samples were swapped", actor="laboratory")
    with pytest.raises(RequestError, match="belongs to a result that was withdrawn"):
        ask_variants(house, "anna", [HERS])
    for purpose in (Purpose.CARE, Purpose.SCREENING):
        lake = asked(house, purpose)
        assert lake.carriers(np.array([HERS.key])).num_rows == 0
        assert lake.presence("anna", [HERS]) == (NotTested(),)
        assert lake.presence_of(HERS) == {}


def test_the_other_genomes_of_the_person_answer_as_if_it_had_never_been(house: House) -> None:
    enrol(house, Somebody("anna", [(BRCA2, Zygosity.HETEROZYGOUS)]))
    second_run(house, "anna", MUTYH, "r-swapped")
    withdraw_result(house, "r-swapped", "samples were swapped", actor="laboratory")
    answers = ask_variants(house, "anna", [HERS, NOT_HERS]).answers
    assert [type(one.presence) for one in answers] == [Present, NotTested]
    carriers = asked(house, Purpose.CARE).carriers(np.array([HERS.key, NOT_HERS.key]))
    assert carriers["key"].to_pylist() == [HERS.key]


def test_the_inbox_names_nothing_of_a_genome_that_may_not_be_read(house: House) -> None:
    enrol(house, Somebody("anna", [(BRCA2, Zygosity.HETEROZYGOUS)]))
    about = {"variant": BRCA2, "variants": [BRCA2], "gene": "BRCA2", "channel": "upgrade", "evidence": ["x"]}
    payload = {
        "task": "variant-upgraded:1", "kind": "variant-upgraded", "summary": f"BRCA2 {BRCA2}",
        "owner": "laboratory director", "due": "2026-07-01", "about": about,
    }  # fmt: skip
    house.ledger.append([NewEvent(EventKind.TASK_OPENED, "x", house.clock(), "anna", payload, "t")])
    ids = record_ids(house.ledger)
    assert "BRCA2" in str(inbox(house, ids, Filter()).lines)
    withdrawn = Said(Decision.WITHDRAWN)
    record_decisions(house, "anna", {Scope.CLINICAL: Decision.WITHDRAWN}, withdrawn)
    after = inbox(house, ids, Filter())
    assert [line.task.summary for line in after.lines] == [MAY_NOT_BE_READ]
    assert "BRCA2" not in str((after.lines, after.genes))
    assert BRCA2 not in str(after.lines)
