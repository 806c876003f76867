"""The workbench and the inbox of those nobody has diagnosed."""

from __future__ import annotations

from bedside.genome.features import Decision
from bedside.service.features import decide
from bedside.service.house import House
from bedside.service.record_ranking import record_ranking
from bedside.service.unsolved import look_again
from bedside.service.workbench import ranker_of
from tests.made_up_newborn import ranked
from tests.made_up_record import AMARA, INGRID
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text

SLENDER, LENS, AORTA, SEIZURE = "HP:0001166", "HP:0001083", "HP:0004942", "HP:0001250"


def confirm(house: House, *terms: str) -> None:
    for term in terms:
        decide(house, INGRID, term, Decision.CONFIRMED, by="dr-lund")


def test_without_a_confirmed_feature_nothing_is_ranked_and_the_page_says_why(pages: Pages) -> None:
    page = text(pages.get(pages.address(INGRID, "/ranking")).text)
    assert "no feature was confirmed" in page
    assert "What fits" not in page


def test_the_workbench_says_what_fits_why_and_what_is_left_unexplained(pages: Pages, house: House) -> None:
    confirm(house, SLENDER, LENS, AORTA)
    decide(house, INGRID, SEIZURE, Decision.EXCLUDED, by="dr-lund")
    page = pages.get(pages.address(INGRID, "/ranking")).text
    first, *_ = rows(page, "Diseases by how well they fit")
    assert "Marfan syndrome" in first[0]
    assert "FBN1" in first[0]
    assert "Arachnodactyly" in first[2]
    said = text(page)
    for part in (
        "advice for a person and no diagnosis",
        "Looked for and not there: Seizure",
        "HPO 2025-01-16",
    ):
        assert part in said


def test_the_inbox_lists_who_is_unsolved_and_only_those(pages: Pages, house: House) -> None:
    assert "Nobody has features that somebody confirmed" in text(pages.get("/unsolved").text)
    confirm(house, SLENDER, LENS)
    look_again(house, ranker_of(None), by="dr-lund")
    page = pages.get("/unsolved").text
    (only,) = rows(page, "Unsolved people")
    assert "nothing" in only[1]
    assert "HPO 2025-01-16" in only[3]
    assert pages.address(AMARA) not in page


def test_the_workbench_shows_variants_and_family_when_the_record_holds_them(
    pages: Pages, house: House, tmp_path
) -> None:
    address = pages.address(INGRID, "/ranking")
    assert "No ranking with variants is in this record" in text(pages.get(address).text)
    record_ranking(house, INGRID, ranked(tmp_path), by="laboratory", simulated=True)
    page = pages.get(address).text
    first, *_ = rows(page, "The first genes to look at")
    assert "GENE1" in first[0]
    said = text(page)
    for part in ("SIMULATION", "places compared contradict the child", "Put aside, and why", "Provisional"):
        assert part in said


def test_consent_taken_back_closes_the_variants_on_the_workbench(
    pages: Pages, house: House, tmp_path
) -> None:
    record_ranking(house, INGRID, ranked(tmp_path), by="laboratory")
    consent = pages.address(INGRID, "/consent")
    pages.post(consent, on=consent, scope="clinical", decision="withdrawn", by="self")
    page = text(pages.get(pages.address(INGRID, "/ranking")).text)
    assert "Consent does not allow it" in page
    assert "GENE1" not in page


def test_the_ways_to_the_workbench_and_the_inbox_stand_on_the_pages_before_them(pages: Pages) -> None:
    bench = pages.address(INGRID, "/ranking")
    assert f'href="{bench}"' in pages.get(pages.address(INGRID, "/phenotype")).text
    assert 'href="/unsolved"' in pages.get("/worklist").text
    assert 'href="/worklist"' in pages.get("/unsolved").text.split("<main")[1]
