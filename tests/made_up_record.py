"""A small record of made-up people, written through the ledger as results are, for tests of pages and
browsers.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bedside.genome.assay import Assay
from bedside.genome.code import Code, System
from bedside.genome.diplotype import Diplotype
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import OutsideCall
from bedside.genome.person import Identifier, ItemStatus, Medication, Person, Problem, Sex
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit, MissingPosition
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import House, open_house
from bedside.service.register_person import Registration, register_people
from bedside.settings import Settings
from bedside.store.encode import assay_content, call_content, observation_content

INGRID, AMARA, TOMAS = "made-up-1", "made-up-2", "made-up-3"
ACCEPTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EARLIER = datetime(2024, 6, 1, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands where a test puts it and moves a millisecond at each look."""

    def __init__(self) -> None:
        self.now = EARLIER

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def called(
    gene: str, first: str, second: str | None, phenotype: str, key: str = "", score: str = "", **more: object
) -> GeneCall:
    """A settled call made from genotypes."""
    pair = (Diplotype(gene, first, second),)
    return GeneCall(
        gene,
        CallStatus.CALLED,
        CallSource.MATCHER,
        pair,
        recommendation_diplotypes=pair,
        phenotypes=(phenotype,),
        activity_scores=(score,) if score else (),
        lookup_keys=(key or phenotype,),
        **more,  # type: ignore[arg-type]
    )


INGRIDS_CALLS = (
    called("CYP2C19", "*2", "*2", "Poor Metabolizer"),
    called("SLCO1B1", "*1", "*15", "Decreased Function"),
    called(
        "TPMT",
        "*1",
        "*1",
        "Normal Metabolizer",
        missing_positions=(MissingPosition("chr6:18130687", "rs1142345", "not tested", True),),
    ),
    called("NUDT15", "*1", "*1", "Normal Metabolizer"),
    called("CYP3A5", "*3", "*3", "Poor Metabolizer"),
    called("CYP2D6", "*1", "*4", "Intermediate Metabolizer", key="1.0", score="1.0"),
    GeneCall(
        "NAT2",
        CallStatus.INDETERMINATE,
        CallSource.MATCHER,
        (Diplotype("NAT2", "*4", "*5"), Diplotype("NAT2", "*4", "*6")),
        phenotypes=("Intermediate Metabolizer", "Poor Metabolizer"),
        settle_with=("phased genotypes",),
    ),
    GeneCall(
        "CYP2B6",
        CallStatus.NO_CALL,
        CallSource.MATCHER,
        partial=("one strand carries *6",),
        warnings=(Limit("no-match", "no named pair fits what was seen"),),
    ),
)
AMARAS_CALLS = (
    called("CYP2C19", "*1", "*1", "Normal Metabolizer"),
    called("TPMT", "*1", "*3A", "Intermediate Metabolizer"),
)


def open_record(folder: Path, *, frame_ancestors: str = "") -> House:
    """A house whose ledger holds three made-up people; Tomás was never tested."""
    clock = Clock()
    settings = Settings(store_url=f"sqlite:///{folder / 'ledger.db'}", frame_ancestors=frame_ancestors)
    house = open_house(settings, clock=clock)
    register_people(house, list(_people(house.pgx)), actor="demo", valid_at=EARLIER)
    clock.now = ACCEPTED
    accept(house, INGRID, INGRIDS_CALLS)
    accept(house, AMARA, AMARAS_CALLS)
    house.ledger.append(
        [
            NewEvent(
                EventKind.TASK_OPENED,
                "bedside",
                ACCEPTED,
                INGRID,
                {
                    "task": "task-1",
                    "kind": "top-tier-finding",
                    "summary": "Review clopidogrel",
                    "owner": "prescriber",
                    "due": "2026-03-05",
                },
            )
        ]
    )
    clock.now = NOW
    return house


def accept(
    house: House, person: str, calls: tuple[GeneCall, ...], laboratory: str = "Example Laboratory"
) -> None:
    """Write a result with its meanings, as acceptance does."""
    assay = assay_content(
        Assay(
            "genotyping array",
            Build.GRCH38,
            1180,
            (Locus(Build.GRCH38, "chr6", 18130687),),
            (),
            ("copy number not seen",),
        )
    )
    seen = {
        call.gene: observation_content(OutsideCall(call.gene, diplotype=" ".join(call.phenotypes)))
        for call in calls
    }
    meant = {call.gene: call_content(call) for call in calls}
    result = f"result-of-{person}-{laboratory}"
    accepted = {
        "result": result,
        "sample": person,
        "laboratory": laboratory,
        "documents": ["3f2a" * 16],
        "assay": assay.digest,
        "confirmation": "clinical",
        "observations": {gene: [content.digest] for gene, content in seen.items()},
    }
    derived = {
        "result": result,
        "release": str(house.pgx.release),
        "calls": {gene: content.digest for gene, content in meant.items()},
    }
    house.ledger.append(
        [
            NewEvent(EventKind.RESULT_ACCEPTED, "local operator", house.clock(), person, accepted),
            NewEvent(EventKind.MEANINGS_DERIVED, "local operator", house.clock(), person, derived),
        ],
        [assay, *seen.values(), *meant.values()],
    )


def _people(pack: PgxPack) -> tuple[Registration, ...]:
    number = "urn:bedside:demo:record-number"
    heart = Problem(Code(System.SNOMED_CT, "53741008", "Coronary artery disease"))
    return (
        Registration(
            Person(INGRID, "Ingrid", "Holm", date(1961, 3, 12), Sex.FEMALE, (Identifier(number, "100-23"),)),
            (_takes(pack, "clopidogrel"), _takes(pack, "azathioprine"), _other("6809", "metformin")),
            (heart,),
        ),
        Registration(
            Person(AMARA, "Amara", "Okafor", date(1984, 7, 1), Sex.FEMALE, (Identifier(number, "100-24"),)),
            (_takes(pack, "citalopram"),),
        ),
        Registration(
            Person(TOMAS, "Tomás", "Reyes", date(1950, 1, 30), Sex.MALE, (Identifier(number, "100-25"),)),
            (_takes(pack, "simvastatin"),),
        ),
    )


def _takes(pack: PgxPack, drug: str) -> Medication:
    return Medication(Code(System.RXNORM, pack.drugs[drug].rxnorm, drug), ItemStatus.ACTIVE, date(2026, 1, 8))


def _other(code: str, name: str) -> Medication:
    return Medication(Code(System.RXNORM, code, name), ItemStatus.ACTIVE, date(2020, 5, 1))
