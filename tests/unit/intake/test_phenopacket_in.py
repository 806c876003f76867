"""Phenopackets become cases: typed times, replaced and unknown ids, every problem at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import orjson
import pytest

from bedside.errors import IntakeError
from bedside.genome.case import Age, AgeRange, FeatureStatus, GestationalAge, LifeStage
from bedside.genome.person import Sex
from bedside.intake.phenopacket_in import read_case, read_cases
from bedside.knowledge.hpo import Hpo, Term

HPO = Hpo(
    "2024-02-03",
    {
        one: Term(one, name, (), (), ())
        for one, name in (("HP:0001250", "Seizure"), ("HP:0000252", "Microcephaly"))
    },
    {"HP:0001275": "HP:0001250"},
)


def packet(*features: dict, **more: object) -> bytes:
    return orjson.dumps(
        {"id": "one", "subject": {"id": "p", "sex": "FEMALE"}, "phenotypicFeatures": list(features), **more}
    )


def feature(term: str, **more: object) -> dict:
    return {"type": {"id": term, "label": "as sent"}, **more}


def read(content: bytes, *, confirmed: bool = True):
    return read_case(content, HPO, source="one.json", confirmed=confirmed)


def test_features_say_what_is_there_what_is_not_and_which_ids_are_unknown() -> None:
    case = read(
        packet(
            feature("HP:0001275"), feature("HP:0000252", excluded=True), feature("HP:9999999", excluded=True)
        )
    )
    assert (case.observed, case.excluded) == (("HP:0001250",), ("HP:0000252",))
    assert case.features[0].written == "HP:0001275"
    assert case.features[0].label == "Seizure"
    assert case.features[1].source == "one.json:/phenotypicFeatures/1"
    assert [(one.term, one.status) for one in case.unknown] == [("HP:9999999", FeatureStatus.EXCLUDED)]
    assert case.sex is Sex.FEMALE


def test_what_nobody_confirmed_is_neither_observed_nor_excluded() -> None:
    case = read(packet(feature("HP:0001250"), feature("HP:0000252", excluded=True)), confirmed=False)
    assert len(case.features) == 2
    assert (case.observed, case.excluded) == ((), ())


def test_a_term_found_once_and_excluded_once_counts_as_found() -> None:
    case = read(packet(feature("HP:0001250", excluded=True), feature("HP:0001250")))
    assert (case.observed, case.excluded) == (("HP:0001250",), ())


@pytest.mark.parametrize(
    ("onset", "moment"),
    [
        ({"age": {"iso8601duration": "P2Y6M"}}, Age(913, "P2Y6M")),
        ({"iso8601duration": "P3W2D"}, Age(23, "P3W2D")),
        ({"ageRange": {"start": {"iso8601duration": "P1D"}, "end": {"iso8601duration": "P1W"}}},
         AgeRange(Age(1, "P1D"), Age(7, "P1W"))),
        ({"gestationalAge": {"weeks": 20, "days": 3}}, GestationalAge(20, 3)),
        ({"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}},
         LifeStage("HP:0003577", "Congenital onset")),
        (None, None),
    ],
)  # fmt: skip
def test_times_are_typed(onset: object, moment: object) -> None:
    assert read(packet(feature("HP:0001250", onset=onset))).features[0].onset == moment


def test_the_first_schema_is_read_too() -> None:
    case = read(
        packet(
            feature("HP:0001250", negated=True, classOfOnset={"id": "HP:0003577", "label": "x"}),
            diseases=[{"term": {"id": "OMIM:1"}, "ageOfOnset": {"age": "P1Y"}}],
        )
    )
    assert case.excluded == ("HP:0001250",)
    assert case.features[0].onset == LifeStage("HP:0003577", "x")
    assert (case.diagnoses, case.disease_onset) == (("OMIM:1",), Age(365, "P1Y"))


def test_the_cause_is_taken_from_solved_interpretations() -> None:
    found = {
        "progressStatus": "SOLVED",
        "diagnosis": {
            "disease": {"id": "OMIM:2"},
            "genomicInterpretations": [
                {
                    "interpretationStatus": status,
                    "variantInterpretation": {"variationDescriptor": {"geneContext": {"valueId": gene}}},
                }
                for status, gene in (("CAUSATIVE", "HGNC:1"), ("REJECTED", "HGNC:2"))
            ],
        },
    }
    case = read(packet(interpretations=[found], metaData={"externalReferences": [{"id": "PMID:7"}]}))
    assert (case.diagnoses, case.genes, case.citations) == (("OMIM:2",), ("HGNC:1",), ("PMID:7",))


def test_every_problem_of_every_file_is_named_and_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{")
    (tmp_path / "b.json").write_bytes(
        orjson.dumps(
            {
                "id": "",
                "subject": {"sex": "woman", "timeAtLastEncounter": {"age": {"iso8601duration": "two years"}}},
                "phenotypicFeatures": [feature("OMIM:1"), "x", feature("HP:0001250", excluded="no")],
            }
        )
    )
    (tmp_path / "c.json").write_bytes(packet(feature("HP:0001250")))
    with pytest.raises(IntakeError) as caught:
        read_cases([tmp_path], HPO, confirmed=True)
    text = str(caught.value)
    for place in (
        "a.json:1",
        "/id",
        "/subject/sex",
        "/subject/timeAtLastEncounter",
        "/phenotypicFeatures/0/type/id",
        "/phenotypicFeatures/1",
        "/phenotypicFeatures/2/excluded",
    ):
        assert place in text
    assert "woman" not in text
    assert "two years" not in text


def test_nothing_given_is_an_error_and_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="no file"):
        read_cases([tmp_path], HPO, confirmed=True)
    with pytest.raises(IntakeError, match=r"away\.json"):
        read_cases([tmp_path / "away.json"], HPO, confirmed=True)


@pytest.mark.skipif(not os.environ.get("BEDSIDE_SHARED"), reason="needs the public phenopackets")
@pytest.mark.slow
def test_all_public_phenopackets_are_read(tmp_path: Path) -> None:
    import tarfile

    from bedside.knowledge.hpo import load_hpo

    packed = Path(os.environ["BEDSIDE_SHARED"]) / "data" / "phenopackets" / "phenopackets.tar.xz"
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    hpo = load_hpo()
    begun = time.perf_counter()
    cases = read_cases([tmp_path], hpo, confirmed=True)
    assert time.perf_counter() - begun < 10
    assert len(cases) == 4463
    assert all(one.diagnoses and one.genes and one.citations for one in cases)
    assert sum(len(one.features) + len(one.unknown) for one in cases) == 96_700
