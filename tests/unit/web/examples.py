"""A made-up person whose chart shows every look, for tests of the pages alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bedside.decide.recommendation import Urgency
from bedside.service.chart import (
    Chart,
    Delivery,
    DrugGuidance,
    GeneRow,
    HistoryLine,
    Look,
    MedicineLine,
    PersonHeader,
    SilentRule,
    TaskLine,
    Verdict,
    in_order_of_need,
)
from bedside.service.people import PersonLine
from bedside.service.prescribe import Card, DrugChoice, Link, OverrideReason, Suggestion

REVIEW = "codes assigned by rule; awaiting pharmacist's sign-off"
RELEASE = "cpic@2025-11-05#3f2a90c1d7e4"

PERSON = PersonHeader("r-7f3c09", "Ingrid Holm", "BD-000123", born="12 Mar 1961", sex="female", made_up=True)


def guidance(drug: str, urgency: Urgency, action: str, gene: str = "CYP2C19", population: str = "general") -> DrugGuidance:
    """A recommendation about one drug."""
    return DrugGuidance(
        drug=drug,
        population=population,
        urgency=urgency,
        action=action,
        strength="strong",
        summary=f"{drug}: {action}.",
        why=f"{gene} poor metabolizer: the drug is hardly activated, so it protects less.",
        text=f"{gene} *2/*2 gives a poor metabolizer. Choose another drug when nothing speaks against it.",
        genes=(gene,),
        source="CPIC",
        guideline="CPIC guideline for clopidogrel and CYP2C19",
        url="https://www.clinpgx.org/guidelineAnnotation/PA166104948",
        pmids=("35034351",),
        release=RELEASE,
        review_state=REVIEW,
        alternatives=("prasugrel", "ticagrelor"),
    )


CLOPIDOGREL = guidance("clopidogrel", Urgency.CRITICAL, "avoid; choose another drug")
CITALOPRAM = guidance("citalopram", Urgency.WARNING, "reduce the dose")
SERTRALINE = guidance("sertraline", Urgency.WARNING, "reduce the maintenance dose")
OMEPRAZOLE = guidance("omeprazole", Urgency.INFO, "reduce the maintenance dose")
VORICONAZOLE = guidance("voriconazole", Urgency.WARNING, "avoid; choose another drug", population="adult")

ROWS = in_order_of_need(
    (
        GeneRow(
            "CYP2C19", Look.ACTIONABLE, ("*2/*2",), ("Poor Metabolizer",), (),
            (CLOPIDOGREL, CITALOPRAM, SERTRALINE, VORICONAZOLE, OMEPRAZOLE), ("aspirin",),
            date(2025, 11, 6), "called from genotypes", "Fjord Genomics", RELEASE,
        ),
        GeneRow(
            "SLCO1B1", Look.ACTIONABLE, ("*1/*15",), ("Decreased Function",), (),
            (guidance("simvastatin", Urgency.WARNING, "consider another drug", "SLCO1B1"),), ("fluvastatin",),
            date(2025, 11, 6), "called from genotypes", "Fjord Genomics", RELEASE,
        ),
        GeneRow(
            "TPMT", Look.STANDARD, ("*1/*1",), ("Normal Metabolizer",), (), (), ("azathioprine", "mercaptopurine"),
            date(2025, 11, 6), "called from genotypes", "Fjord Genomics", RELEASE,
            missing=("rs1142345 (not tested)",), limits=("Some alleles could not be told apart.",),
        ),
        GeneRow(
            "CYP2C9", Look.STANDARD, ("*1/*1",), ("Normal Metabolizer",), ("2.0",), (), ("phenytoin",),
            date(2025, 11, 6), "called from genotypes", "Fjord Genomics", RELEASE,
        ),
        GeneRow(
            "CYP2D6", Look.INDETERMINATE, ("*1/*106",), ("Indeterminate",), (), (), (),
            date(2025, 2, 3), "reported by the laboratory", "Nord Laboratory", RELEASE,
            limits=("*106 has no assigned function",), settle_with=("a function for *106 in a later release",),
            conflict="A second result says *1/*4.",
        ),
        GeneRow(
            "NAT2", Look.INDETERMINATE, ("*4/*5", "*4/*6"), ("Intermediate Metabolizer", "Poor Metabolizer"),
            (), (), (), date(2025, 11, 6), "called from genotypes", "Fjord Genomics", RELEASE,
            settle_with=("phased genotypes of rs1801280 and rs1799930",),
        ),
        GeneRow(
            "CYP2B6", Look.NO_CALL, (), (), (), (), (), date(2025, 11, 6), "called from genotypes",
            "Fjord Genomics", RELEASE, partial=("one strand is *6", "rs28399499 on the other fits no named allele"),
            settle_with=("phased genotypes",),
        ),
        GeneRow("HLA-B", Look.NOT_TESTED),
        GeneRow("G6PD", Look.NOT_TESTED),
        GeneRow(
            "CYP4F2", Look.WITHOUT_GUIDANCE, ("*1/*3",), ("Decreased Function",), (), (), (), date(2025, 11, 6),
            "called from genotypes", "Fjord Genomics", RELEASE,
        ),
    )
)

MEDICINES = (
    MedicineLine("clopidogrel", date(2026, 1, 8), Verdict.ACT, (CLOPIDOGREL,)),
    MedicineLine("paroxetine", date(2026, 3, 2), Verdict.CANNOT_SAY, (), (
        SilentRule("cpic-paroxetine-cyp2d6", "paroxetine", "meaning of the genotype not known", "CYP2D6 *1/*106"),
    ), ("CYP2D6",)),
    MedicineLine("azathioprine", date(2024, 9, 30), Verdict.STANDARD, (), (
        SilentRule("cpic-azathioprine", "azathioprine", "guideline advises standard dosing", "TPMT normal metabolizer"),
    )),
    MedicineLine("metformin", date(2020, 5, 1), Verdict.WITHOUT_GUIDANCE, (), (
        SilentRule("", "metformin", "no guidance for this drug"),
    )),
)

CHART = Chart(
    person=PERSON,
    genes=ROWS,
    medicines=MEDICINES,
    tasks=(TaskLine("t-1", "Replace clopidogrel: it is hardly activated", date(2026, 1, 9), "CYP2C19 poor metabolizer"),),
    history=(
        HistoryLine(datetime(2026, 1, 8, 9, 30, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC), "Clopidogrel started", "demo"),
        HistoryLine(datetime(2025, 11, 6, 14, 3, tzinfo=UTC), datetime(2025, 11, 4, tzinfo=UTC),
                    "Result of Fjord Genomics accepted", "local operator"),
    ),
    deliveries=(
        Delivery("3f2a" * 16, "HG00403", "Fjord Genomics", date(2025, 11, 6), "short-read genome", "GRCh38", 1180, 21, 3,
                 ("copy number of CYP2D6 is not seen",)),
    ),
    problems=("Coronary artery disease", "Depression"),
    release=RELEASE,
    review_state=REVIEW,
)

CARD = Card(
    "c-1",
    Urgency.CRITICAL,
    "clopidogrel: avoid; choose another drug (CYP2C19 poor metabolizer)",
    "**Why:** CYP2C19 *2/*2 hardly activates the drug.\n\n- strength: strong\n- population: acute coronary syndrome",
    "CPIC",
    "https://cpicpgx.org/",
    suggestions=(Suggestion("s-1", "Order prasugrel instead", True, "prasugrel", "613391"),
                 Suggestion("s-2", "Order ticagrelor instead", False, "ticagrelor", "1116632")),
    override_reasons=(OverrideReason("cds-not-applicable", "http://x", "Does not apply to this patient"),
                      OverrideReason("not-convenient-feasible", "http://x", "Not feasible here and now")),
    links=(Link("Guideline", "https://www.clinpgx.org/guidelineAnnotation/PA166104948"),),
)

DRUGS = (DrugChoice("clopidogrel", "32968"), DrugChoice("prasugrel", "613391"))

LINES = tuple(
    PersonLine(f"r-{n:04d}", f"{first} {last}", f"BD-{n:06d}", f"12 Mar {1940 + n}", "female",
               ("clopidogrel", "metformin") if n % 3 == 0 else ("sertraline",),
               (("CYP2C19", "Poor Metabolizer" if n % 3 == 0 else "Normal Metabolizer"),),
               ("clopidogrel",) if n % 3 == 0 else ())
    for n, (first, last) in enumerate(
        (f, s) for f in ("Ingrid", "Amara", "Tomás", "Wei", "Leila", "Jonas") for s in ("Holm", "Okafor", "Reyes", "Lin", "Haddad")
    )
)
