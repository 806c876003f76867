"""The chart says what is known, how well, and never takes the absence of an answer for a normal one."""

from __future__ import annotations

import re

from bedside.genome.event import EventKind
from bedside.service.chart import GeneRow, Look
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.show_chart import show_chart
from bedside.web.render import render
from bedside.web.words import css, shape
from tests.made_up_record import AMARA, INGRID, TOMAS, accept, called
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text

REVIEW = "Codes assigned by rule; awaiting pharmacist's sign-off."


def looks(house: House, person: str) -> dict[str, Look]:
    chart = show_chart(house, rules_of(house).ruleset, person, "r")
    assert chart is not None
    return {row.gene: row.look for row in chart.genes}


def test_each_kind_of_answer_has_its_own_look(house: House) -> None:
    seen = looks(house, INGRID)
    assert {gene: seen[gene] for gene in ("CYP2C19", "SLCO1B1", "NAT2", "CYP2B6", "TPMT", "HLA-B")} == {
        "CYP2C19": Look.ACTIONABLE,
        "SLCO1B1": Look.ACTIONABLE,
        "NAT2": Look.INDETERMINATE,
        "CYP2B6": Look.NO_CALL,
        "TPMT": Look.STANDARD,
        "HLA-B": Look.NOT_TESTED,
    }


def test_every_gene_of_the_release_is_on_the_chart_of_somebody_never_tested(house: House) -> None:
    assert looks(house, TOMAS) == dict.fromkeys(sorted(house.pgx.genes), Look.NOT_TESTED)


def test_looks_differ_by_word_and_shape_and_not_by_colour_alone(pages: Pages) -> None:
    page = pages.get(pages.address(INGRID)).text
    pills = re.findall(
        r'<span class="look ([a-z -]+)"><svg[^>]*><use href="[^#"]*#([a-z]+)"></use></svg>([^<]+)', page
    )
    seen = {(kind.split()[0], icon, words) for kind, icon, words in pills if kind.split()[0] != "grave"}
    assert {
        ("indeterminate", "question", "Indeterminate"),
        ("no-call", "broken", "No call"),
        ("not-tested", "absent", "Not tested"),
        ("standard", "check", "Nothing to change"),
    } <= seen
    assert len({shape(look) for look in Look}) == len({css(look) for look in Look}) == len(Look)


def test_what_changes_treatment_with_a_drug_taken_now_comes_first(pages: Pages) -> None:
    first = rows(pages.get(pages.address(INGRID)).text, "Genes")[0]
    assert first[:4] == ["CYP2C19", "Changes treatment", "*2/*2", "Poor Metabolizer"]
    assert first[5].startswith("2 Mar 2026, Example Laboratory called from genotypes CPIC 5 Nov 2025")


def test_a_gene_nobody_looked_at_shows_no_result_and_no_drug(pages: Pages) -> None:
    found = {row[0]: row for row in rows(pages.get(pages.address(INGRID)).text, "Genes")}
    assert found["HLA-B"] == ["HLA-B", "Not tested", "", "", "", "No result"]


def test_several_meanings_are_all_shown_with_what_would_settle_them(pages: Pages) -> None:
    found = {row[0]: row for row in rows(pages.get(pages.address(INGRID)).text, "Genes")}
    assert found["NAT2"][1:4] == [
        "Indeterminate",
        "*4/*5 or *4/*6",
        "One of: Intermediate Metabolizer or Poor Metabolizer",
    ]
    assert found["NAT2"][5].endswith("To settle it: phased genotypes.")


def test_a_partial_call_shows_what_is_known(pages: Pages) -> None:
    found = {row[0]: row for row in rows(pages.get(pages.address(INGRID)).text, "Genes")}
    assert found["CYP2B6"][1:4] == ["No call", "one strand carries *6", ""]


def test_current_medicines_say_what_to_do_and_why_nothing_is_said(pages: Pages) -> None:
    page = pages.get(pages.address(INGRID)).text
    assert [row[:2] for row in rows(page, "Current medicines without guidance to act on")] == [
        ["azathioprine since 8 Jan 2026", "Standard treatment"],
        ["metformin since 1 May 2020", "No genomic guidance"],
    ]
    assert "clopidogrel Act on this since 8 Jan 2026" in text(page)


def test_an_untested_person_on_an_affected_drug_is_not_told_that_all_is_well(pages: Pages) -> None:
    page = pages.get(pages.address(TOMAS)).text
    assert [row[:2] for row in rows(page, "Current medicines without guidance to act on")] == [
        ["simvastatin since 8 Jan 2026", "The genome cannot say"]
    ]
    assert "nothing was tested" in text(page)


def test_the_review_state_stands_beside_every_recommendation(pages: Pages) -> None:
    page = pages.get(pages.address(INGRID)).text
    guidance = page.count('<div class="guidance">')
    assert guidance > 0
    assert text(page).count(REVIEW) >= guidance + 1


def test_results_that_disagree_are_shown_as_a_conflict_and_not_chosen_between(
    house: House, pages: Pages
) -> None:
    accept(house, AMARA, (called("CYP2C19", "*2", "*2", "Poor Metabolizer"),), "Other Laboratory")
    row = {row[0]: row for row in rows(pages.get(pages.address(AMARA)).text, "Genes")}["CYP2C19"]
    assert row[1:4] == ["Indeterminate", "*2/*2 or *1/*1", "One of: Poor Metabolizer or Normal Metabolizer"]
    assert "Results disagree: another says *1/*1 (Example Laboratory)." in row[5]


def test_the_chart_of_a_past_day_shows_what_was_known_then(pages: Pages) -> None:
    then = pages.get(pages.address(INGRID, "?as_of=2025-01-01")).text
    assert {row[1] for row in rows(then, "Genes")} == {"Not tested"}
    assert "This is what was known on 1 Jan 2025" in text(then)
    assert "No laboratory result has been accepted." in text(then)


def test_a_day_before_anything_shows_an_empty_record_and_no_error(pages: Pages) -> None:
    then = pages.get(pages.address(INGRID, "?as_of=2001-01-01"))
    assert (then.status_code, "Nothing was recorded by then." in text(then.text)) == (200, True)


def test_provenance_names_document_sample_assay_and_what_it_did_not_see(pages: Pages) -> None:
    said = text(pages.get(pages.address(INGRID)).text)
    assert (
        "Example Laboratory Received 2 Mar 2026 Assay genotyping array, GRCh38 Sample made-up-1 Use clinical "
        "Looked at 1180 positions Did not look at 1 positions of the panel Could not call 0 positions "
        f"Document sha256 {'3f2a' * 16} 1 thing this assay cannot see Copy number not seen."
    ) in said


def test_opening_a_chart_is_on_record_and_not_part_of_the_history(house: House, pages: Pages) -> None:
    page = pages.get(pages.address(INGRID)).text
    looked = [(e.actor, e.person, e.payload) for e in house.ledger.events(kinds=(EventKind.ACCESSED,))]
    assert looked == [("local-operator", INGRID, {"page": "chart"})]
    assert "accessed" not in page.lower()


def test_open_tasks_stand_on_the_chart_and_on_the_list_of_tasks(pages: Pages) -> None:
    assert "Review clopidogrel Prescriber, due 5 Mar 2026, open since 2 Mar 2026" in text(
        pages.get(pages.address(INGRID)).text
    )
    ending = "End it for Ingrid Holm How it endedDoneNot neededDeclined Reason (needed unless done) Record it"
    assert rows(pages.get("/tasks").text, "Open tasks") == [
        ["Ingrid Holm", "Review clopidogrel", "Prescriber", "5 Mar 2026", ending]
    ]


def test_a_long_list_of_unusable_positions_is_a_count_with_the_details_folded(pages: Pages) -> None:
    page = render("gene_table.html", rows=(LONG,), sprite="/static/icons.svg")
    told = text(page)
    assert "No usable observation: 83 positions, rs0 (filtered) first." in told
    assert page.count("rs82 (filtered)") == 1
    assert page.index("<summary>All 83") < page.index("rs82 (filtered)")
    assert "To settle it: another test of CYP2C9." in told


LONG = GeneRow(
    "CYP2C9",
    Look.NO_CALL,
    made_by="called from genotypes",
    missing=tuple(f"rs{number} (filtered)" for number in range(83)),
    settle_with=("another test of CYP2C9",),
)


def test_many_results_that_fit_are_told_by_three_with_the_rest_folded() -> None:
    fitting = tuple(f"*4/*{number}" for number in range(5, 75))
    row = GeneRow("NAT2", Look.INDETERMINATE, results=fitting, limits=("what fits differs " * 20,))
    page = render("gene_table.html", rows=(row,), sprite="/static/icons.svg")
    assert "67 more results that fit NAT2" in " ".join(text(page).split())
    assert page.index("*7<") < page.index("67 more") < page.index("*8") < page.index("*74")
    assert page.count("<details") == 3
