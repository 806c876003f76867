"""Nothing of a report that no person confirmed reaches a card, a finding, the chart or an export, whatever is
confirmed, corrected, left out or left open: the answers are the same when only the unconfirmed values differ.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bedside.genome.draft import FieldKind, Verdict
from bedside.genome.person import Identifier, Person, Sex
from bedside.intake.pdf.open import _notices, _page
from bedside.intake.pdf.page import Opened
from bedside.intake.pdf.worker import read
from bedside.knowledge.catalogue import load_pgx
from bedside.service.drafts import decide, give_draft, open_draft
from bedside.service.genomics_export import export_fhir, export_phenopacket, export_vcf
from bedside.service.house import House, open_house
from bedside.service.prescribe import find_drug, new_order, prescribe
from bedside.service.receive_report import ReadPdf, keep_report
from bedside.service.register_person import register_person
from bedside.service.reported_findings import reported_of
from bedside.service.rules import rules_of
from bedside.service.show_person import show
from bedside.service.sign_draft import seen_digest, sign_draft
from bedside.service.write_person import rendered
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.made_up_record import Clock
from tests.made_up_reports import Says, report
from tests.unit.web.conftest import Pages

ANNA = Person("p1", "Anna", "Example", date(1961, 3, 12), Sex.FEMALE, (Identifier("urn:made-up", "A-1001"),))
PACK = load_pgx()
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
DRUGS = ("clopidogrel", "codeine", "simvastatin", "azathioprine")
CALLS = {
    "CYP2C19": (
        ("*2/*2", "Poor Metabolizer"),
        ("*1/*17", "Rapid Metabolizer"),
        ("*1/*2", "Intermediate Metabolizer"),
    ),
    "CYP2D6": (
        ("*4/*4", "Poor Metabolizer"),
        ("*1/*41", "Normal Metabolizer"),
        ("*4/*41", "Intermediate Metabolizer"),
    ),
    "TPMT": (
        ("*3A/*3A", "Poor Metabolizer"),
        ("*1/*3C", "Intermediate Metabolizer"),
        ("*1/*1", "Normal Metabolizer"),
    ),
    "SLCO1B1": (("*5/*5", "Poor Function"), ("*1/*15", "Decreased Function"), ("*1/*1", "Normal Function")),
}
VARIANTS = (
    ("BRCA2", "c.5946del", "p.Ser1982fs", "heterozygous", "Pathogenic"),
    ("MLH1", "c.350C>T", "p.Thr117Met", "homozygous", "Likely pathogenic"),
)
NEGATIVES = ("No pathogenic variant was detected in BRCA1.", "No pathogenic variant was detected in LDLR.")
ONE = Says("Quux", "Ottilie", "1944-05-06", "Z-48213", "K-55555", "2026-01-05", "final", "Laboratory Uno")
TWO = Says(
    "Bazzer", "Wilhelma", "1939-11-27", "Y-77121", "L-66666", "2026-01-19", "preliminary", "Laboratory Due"
)
SINGLE = {
    "patient": ("family", "given"),
    "birth-date": ("born",),
    "number": ("number",),
    "accession": ("accession",),
    "status": ("status",),
    "reported": ("reported",),
    "laboratory": ("laboratory",),
}
CORRECTIONS: Mapping[FieldKind, str] = {
    FieldKind.PATIENT: "Typed, Tessa",
    FieldKind.BIRTH_DATE: "1970-07-07",
    FieldKind.NUMBER: "T-1",
    FieldKind.ACCESSION: "T-2",
    FieldKind.STATUS: "final",
    FieldKind.REPORTED: "2026-01-30",
    FieldKind.LABORATORY: "Typed Laboratory",
    FieldKind.GENE: "CYP2C9",
    FieldKind.GENOTYPE: "*3/*3",
    FieldKind.PHENOTYPE: "Indeterminate",
    FieldKind.VARIANT_GENE: "APC",
    FieldKind.VARIANT: "c.1000A>G",
    FieldKind.PROTEIN: "p.Lys334Glu",
    FieldKind.ZYGOSITY: "hemizygous",
    FieldKind.CLASSIFICATION: "Uncertain significance",
    FieldKind.NEGATIVE: "Nothing was found in APC.",
    FieldKind.LIMITS: "Typed limits.",
}
FIELDS = (
    *SINGLE,
    *(f"{kind}-{row}" for row in (1, 2) for kind in ("gene", "genotype", "phenotype")),
    *(f"{kind}-1" for kind in ("variant-gene", "variant", "protein", "zygosity", "classification")),
    "negative-1",
    "limits",
)
_NAMED = re.compile(r"[A-Za-z0-9_.-]{24,}")
_HEX = re.compile(
    r"\b\d{2,3}\.\d\b|\b\d+\.[0-9a-f]{10}\b|[0-9a-f]{8}-[0-9a-f-]{27}|\b(?:[rd]-)?[0-9a-f]{12,}(?:-\d+)?\b"
)


@dataclass(frozen=True)
class Plan:
    """What is decided of each field, and which results the report has: in one house, and in its twin."""

    decisions: Mapping[str, Verdict | None]
    rows: tuple[tuple[str, int, str, int], ...]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    verdicts = st.sampled_from([None, *Verdict])
    decisions = {key: draw(verdicts) for key in FIELDS}
    genes = draw(st.permutations(sorted(CALLS)))
    picks = st.integers(0, 2)
    rows = tuple((genes[2 * row], draw(picks), genes[2 * row + 1], draw(picks)) for row in range(2))
    return Plan(decisions, rows)


def taken(plan: Plan, key: str) -> bool:
    """Whether the value that stands on the page counts: then it is the same in both houses."""
    return plan.decisions[key] is Verdict.ACCEPTED


def pair(plan: Plan) -> tuple[Says, Says]:
    """Two reports that are the same in what is accepted, and differ in everything else."""
    own: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for key, names in SINGLE.items():
        for name in names:
            own[name] = getattr(ONE, name)
            other[name] = getattr(ONE if taken(plan, key) else TWO, name)
    calls, others = [], []
    for row, (gene, pick, twin, twin_pick) in enumerate(plan.rows, start=1):
        genotype, phenotype = CALLS[gene][pick]
        away = (pick + 1) % 3 if twin_pick == pick else twin_pick
        calls.append((gene, genotype, phenotype))
        others.append(
            (
                gene if taken(plan, f"gene-{row}") else twin,
                genotype if taken(plan, f"genotype-{row}") else CALLS[gene][away][0],
                phenotype if taken(plan, f"phenotype-{row}") else CALLS[gene][away][1],
            )
        )
    kinds = ("variant-gene", "variant", "protein", "zygosity", "classification")
    one, two = VARIANTS
    mixed = tuple(
        mine if taken(plan, f"{kind}-1") else theirs
        for kind, mine, theirs in zip(kinds, one, two, strict=True)
    )
    own |= {"calls": tuple(calls), "variants": (one,), "negative": NEGATIVES[0], "limits": "Limit one."}
    other |= {"calls": tuple(others), "variants": (mixed,)}
    other["negative"] = NEGATIVES[0 if taken(plan, "negative-1") else 1]
    other["limits"] = "Limit one." if taken(plan, "limits") else "Limit two."
    return Says(**own), Says(**other)


@contextmanager
def house_with(said: Says) -> Iterator[tuple[House, str]]:
    """A house in which somebody takes medicines, and a report waits that is said to be hers."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/ledger.db"
        house = open_house(Settings(store_url=url), pgx=PACK, clock=Clock())
        register_person(house, ANNA)
        content = report("classic", said)
        pages = read(content)["pages"]
        opened = Opened(tuple(_page(n, one) for n, one in enumerate(pages, 1)), tuple(_notices(pages)))
        made = keep_report(house, ReadPdf("report.pdf", content, opened))
        give_draft(house, made.draft, "p1", "by hand", by="registrar")
        try:
            yield house, made.draft
        finally:
            house.close()


def answers(house: House) -> str:
    """Everything that is said of somebody, to people and to machines, without the names that follow from
    bytes and without the sides of boxes: where a corrected text stood is as wide as that text."""
    view = show(house, "p1")
    told = [rendered(house, view, form) for form in ("text", "json", "fhir")]
    rules = rules_of(house).ruleset
    for name in DRUGS:
        drug = find_drug(rules, name)
        assert drug is not None
        for hook in ("order-select", "order-sign"):
            told.append(repr(prescribe(house, "p1", new_order(drug), hook, "somebody").cards))
    told.append(repr(reported_of(house, house.ledger.results("p1"))))
    told += [orjson.dumps(make(house, "p1")).decode() for make in (export_fhir, export_phenopacket)]
    told.append(vcf(house))
    pages = Pages(create_app(house), house)
    for address in (pages.address("p1"), pages.address("p1", "/report"), "/", "/tasks"):
        answer = pages.get(address)
        assert answer.status_code == 200
        told.append(re.sub(r'name="csrf" value="[^"]*"', "", answer.text))
    return _NAMED.sub("#", _HEX.sub("#", "\n".join(told)))


def vcf(house: House) -> str:
    """The export of a stored genome: there is none, and a report makes none."""
    from bedside.errors import BedsideError

    try:
        return "\n".join(export_vcf(house, "p1"))
    except BedsideError as error:
        return str(error)


def act(house: House, draft: str, plan: Plan) -> None:
    """Decide as planned."""
    fields = {one.key: one for one in open_draft(house, draft).fields}
    assert set(FIELDS) <= set(fields)
    for key, verdict in plan.decisions.items():
        if verdict is not None:
            decide(
                house,
                draft,
                key,
                verdict,
                by="reader",
                value=CORRECTIONS[fields[key].kind] if verdict is Verdict.CORRECTED else "",
                reason="left out" if verdict is Verdict.REJECTED else "",
            )


def finish(house: House, draft: str) -> str:
    """Leave out what is still open, and sign."""
    held = open_draft(house, draft)
    status = held.decided("status")
    if status is None or not status.value:
        decide(house, draft, "status", Verdict.CORRECTED, value="final", by="reader")
    for one in open_draft(house, draft).undecided():
        decide(house, draft, one.key, Verdict.REJECTED, reason="left open", by="reader")
    return sign_draft(house, draft, seen_digest(open_draft(house, draft)), by="reader").result


def check(plan: Plan) -> None:
    own, other = pair(plan)
    with house_with(own) as (house, draft), house_with(other) as (twin, twin_draft):
        waiting = answers(house)
        assert waiting == answers(twin)
        act(house, draft, plan)
        act(twin, twin_draft, plan)
        undecided = answers(house)
        assert undecided == answers(twin)
        for told in (waiting, undecided):
            for name in ("Quux", "Ottilie", "Z-48213", "K-55555", "Laboratory Uno", "c.5946del", "Limit one"):
                assert name not in told
        assert not house.ledger.results("p1")
        assert bool(finish(house, draft)) == bool(finish(twin, twin_draft))
        assert answers(house) == answers(twin)


@given(plans())
@settings(max_examples=4, deadline=None, phases=UNSHRUNK, suppress_health_check=[HealthCheck.too_slow])
def test_only_confirmed_values_change_any_answer(plan: Plan) -> None:
    check(plan)


@pytest.mark.slow
@given(plans())
@settings(max_examples=250, deadline=None, phases=UNSHRUNK, suppress_health_check=[HealthCheck.too_slow])
def test_only_confirmed_values_change_any_answer_many_times(plan: Plan) -> None:
    check(plan)


def test_the_property_would_see_a_value_that_leaks() -> None:
    """The answers do differ where what is confirmed differs."""
    every = Plan(
        dict.fromkeys(FIELDS, Verdict.ACCEPTED), (("CYP2C19", 0, "CYP2D6", 0), ("TPMT", 0, "SLCO1B1", 0))
    )
    none = Plan(dict.fromkeys(FIELDS), every.rows)
    own, other = pair(none)
    found = []
    for said in (own, other):
        with house_with(said) as (house, draft):
            before = answers(house)
            act(house, draft, every)
            finish(house, draft)
            found.append(answers(house))
            assert before != found[-1]
    assert found[0] != found[1]
    assert "Laboratory Uno" in found[0]
    assert "c.5946del" in found[0]
