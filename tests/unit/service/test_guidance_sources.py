"""Whose guidance a site gives: CPIC's, and the Dutch working group's where the site asks for it."""

from __future__ import annotations

import pytest

from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation
from bedside.errors import SettingsError
from bedside.exchange.pgx_fields import knowledge
from bedside.knowledge.phrases import load_phrases
from bedside.knowledge.ruleset import load_ruleset
from bedside.service.house import newest_pack, pack_named
from bedside.settings import Settings, read_settings
from tests.unit.decide.people import called

BOTH = read_settings({"BEDSIDE_GUIDANCE": "cpic, dpwg"})


def sources(settings: Settings) -> set[str]:
    """Who speaks about codeine to somebody without CYP2D6 activity."""
    pack = newest_pack(settings)
    calls = {"CYP2D6": called("CYP2D6", "0.0", diplotype="*4/*4")}
    answers = recommend(pack, load_phrases(), calls, pack.drugs["codeine"])
    return {one.source for one in answers if isinstance(one, Recommendation)}


def test_only_cpic_speaks_unless_a_site_asks_for_more() -> None:
    assert (sources(Settings()), sources(BOTH)) == ({"CPIC"}, {"CPIC", "DPWG"})


def test_a_further_source_is_named_with_its_licence_and_in_the_name_of_the_rules() -> None:
    pack = newest_pack(BOTH)
    (further,) = knowledge(pack)["further_guidance"]
    assert (further["name"], further["licence"]) == ("dpwg", "CC-BY-SA-4.0")
    assert "further_guidance" not in knowledge(newest_pack(Settings()))
    assert " dpwg@" in load_ruleset(pack).name


def test_the_records_release_is_found_again_with_the_further_guidance() -> None:
    found = pack_named(BOTH, str(newest_pack(Settings()).release))
    assert found is not None
    assert [one.release.name for one in found.guidance_releases] == ["cpic", "dpwg"]


@pytest.mark.parametrize(
    ("named", "reason"),
    [("dpwg", "must begin with cpic"), ("cpic,nobody", "no release of nobody is at hand")],
)
def test_an_unknown_source_is_refused(named: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        newest_pack(Settings(guidance=named))
