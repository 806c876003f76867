"""What chart codes mean by a site's maps, and which of them are a disease's own diagnosis."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.phecodes import ChartMaps, load_chart_maps
from bedside.knowledge.phenotype_risk import load_risk_policy
from tests.made_up_charts import write_maps


@pytest.fixture
def maps(tmp_path: Path) -> ChartMaps:
    folder = write_maps(tmp_path / "maps")
    return load_chart_maps(folder, 5, str(folder))


@pytest.mark.parametrize(
    ("system", "code", "phecodes"),
    [
        ("icd10cm", "A10.1", {"1"}),
        ("icd10cm", "a101", {"1"}),
        ("icd10cm", "A10.999", {"1"}),
        ("icd10cm", "Z99", set()),
        ("icd9cm", "A10.1", set()),
        ("snomed", "103", {"3"}),
        ("snomed", "777", set()),
        ("hpo", "HP:0000004", {"4"}),
        ("hpo", "HP:9999999", set()),
        ("phecode", "6", {"6"}),
        ("phecode", "600", set()),
    ],
)
def test_a_code_reaches_its_features_or_none(
    maps: ChartMaps, system: str, code: str, phecodes: set[str]
) -> None:
    assert maps.reached(system, code) == phecodes


@pytest.mark.parametrize(
    ("disease", "system", "code", "says"),
    [
        ("OMIM:1", "icd10cm", "E50", True),
        ("OMIM:1", "icd10cm", "E50.1", True),
        ("OMIM:1", "icd10cm", "E5", False),
        ("OMIM:1", "icd10cm", "A10", False),
        ("OMIM:1", "snomed", "777", True),
        ("OMIM:1", "phecode", "5", True),
        ("OMIM:1", "phecode", "1", False),
        ("OMIM:2", "icd10cm", "E50", False),
    ],
)
def test_a_disease_is_said_by_its_codes_and_those_below_them(
    maps: ChartMaps, disease: str, system: str, code: str, says: bool
) -> None:
    assert maps.says(disease, system, code) is says


def test_profiles_leave_out_what_is_said_not_to_be_there(maps: ChartMaps) -> None:
    assert maps.profiles == {
        "OMIM:1": frozenset("12345"),
        "OMIM:2": frozenset("23456"),
    }


def test_a_disease_with_too_small_a_profile_is_not_scored(tmp_path: Path) -> None:
    folder = write_maps(tmp_path / "maps")
    assert load_chart_maps(folder, 6, str(folder)).profiles == {}


def test_every_fault_of_a_sites_policy_is_told(tmp_path: Path) -> None:
    (tmp_path / "phenotype_risk").mkdir()
    header = "\n".join(f'{name} = "x"' for name in ("owner", "licence", "title", "source", "review_state"))
    header += (
        '\nevidence_level = "local policy"\napproval = { state = "awaiting", role = "genetics service" }'
    )
    (tmp_path / "phenotype_risk" / "policy.toml").write_text(
        f'kind = "phenotype_risk"\nname = "own"\nretrieved = 2026-01-01\nreview_due = 2027-01-01\n{header}\n'
        'capacity = 0\nleast_profile = 5\n[not_now]\nlater = { title = "later" }\n'
    )
    with pytest.raises(PackError) as caught:
        load_risk_policy(tmp_path)
    told = str(caught.value)
    for part in ("capacity", "least_cell", "tail_people", "diagnosed_share", "not_now.later"):
        assert part in told
