"""Codes lead to terms with the map's provenance; coarse maps are kept short; nothing is guessed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.case import FeatureStatus
from bedside.genome.code import System
from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.interpret.suggest_features import from_codes
from bedside.knowledge.code_maps import CodeMaps, Relation, load_code_maps, maps_folder
from bedside.knowledge.hpo import load_hpo
from bedside.knowledge.phenotype_words import load_phenotype_words

OBSERVED, EXCLUDED = FeatureStatus.OBSERVED, FeatureStatus.EXCLUDED
ICD, SNOMED, LOINC = System.ICD10CM.value, System.SNOMED_CT.value, System.LOINC.value


@cache
def index() -> PhenotypeIndex:
    return build_index(load_hpo(), load_phenotype_words())


@pytest.fixture
def maps(tmp_path: Path) -> CodeMaps:
    folder = tmp_path / "sources" / "hpo_maps" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "loinc2hpo-annotations.tsv").write_text(
        "loincId\tloincScale\toutcome\thpoTermId\tsupplementalTermId\tcuration\tcomment\n"
        "2823-3\tQn\tL\tHP:0002900\t.\t.\t.\n2823-3\tQn\tN\tHP:0011042\t.\t.\t.\n"
        "2823-3\tQn\tH\tHP:0002153\t.\t.\t.\n5802-4\tOrd\tPOS\tHP:0031812\t.\t.\t.\n"
    )
    (folder / "icd_phecode_map.csv").write_text(
        'icd,flag,icd_name,phecode,phecode_name\nH90.3,10,"Loss, bilateral",389,Hearing loss\n'
        'H90.3,10,"Loss, bilateral",389.1,Sensorineural\nH90,9,x,389,Hearing loss\n'
    )
    (folder / "hpo_phecode1.2_strong_broad.tsv").write_text(
        "hpo_term_id\thpo_term_name\tphecode\tphecode_name\n"
        + "".join(
            f"{term}\tx\t389.1\tSensorineural\n"
            for term in ("HP:0000407", "HP:0000408", "HP:0000410", "HP:0000405")
        )
        + "HP:0000365\tx\t389\tHearing loss\n"
    )
    (folder / "mondo.sssom.tsv").write_text(
        "# x\nsubject_id\tsubject_label\tpredicate_id\tobject_id\n"
        "MONDO:0009061\tx\tskos:exactMatch\tICD10CM:E84\nMONDO:0009061\tx\tskos:exactMatch\tOMIM:219700\n"
    )
    return load_code_maps(index().hpo, maps_folder(tmp_path))


def said(
    maps: CodeMaps,
    system: str,
    code: str,
    display: str = "",
    outcome: str = "",
    status: FeatureStatus = OBSERVED,
):
    return from_codes([(system, code, display)], status, "the chart", maps, index(), outcome)


def test_hpo_s_own_cross_references_say_that_they_do_not_say_how_near(maps: CodeMaps) -> None:
    (one,) = said(maps, SNOMED, "91175000")
    assert (one.term, one.status) == ("HP:0001250", OBSERVED)
    assert index().hpo.version in one.why
    assert "not stated" in one.why


def test_a_measurement_is_the_term_of_its_outcome_and_a_normal_one_excludes(maps: CodeMaps) -> None:
    assert [(one.term, one.status) for one in said(maps, LOINC, "2823-3", outcome="L")] == [
        ("HP:0002900", OBSERVED)
    ]
    (normal,) = said(maps, LOINC, "2823-3", outcome="N")
    assert (normal.term, normal.status) == ("HP:0011042", EXCLUDED)
    assert "2026-01-01" in normal.why
    assert said(maps, LOINC, "2823-3", outcome="A") == ()
    assert [one.status for one in said(maps, LOINC, "5802-4", outcome="A")] == [OBSERVED]
    (unsure,) = said(maps, LOINC, "2823-3", outcome="N", status=FeatureStatus.UNCERTAIN)
    assert unsure.status is FeatureStatus.UNCERTAIN


def test_of_a_coarse_group_only_what_the_code_s_own_words_name_is_suggested(maps: CodeMaps) -> None:
    assert {one.relation for one in maps.of(ICD, "H90.3")} == {Relation.BROAD}
    assert len(maps.of(ICD, "H90.3")) == 4
    found = said(maps, ICD, "H90.3", "Sensorineural hearing loss, bilateral")
    assert [one.term for one in found] == ["HP:0000407"]
    assert "phecode 389.1" in found[0].why
    assert said(maps, ICD, "H90.3") == ()


def test_the_words_of_a_code_that_no_map_knows_are_read(maps: CodeMaps) -> None:
    (one,) = said(maps, SNOMED, "999", "Microcephaly (disorder)")
    assert (one.term, one.quote) == ("HP:0000252", "999 Microcephaly (disorder)")
    (family,) = said(maps, SNOMED, "999", "Microcephaly", status=FeatureStatus.FAMILY)
    assert family.status is FeatureStatus.FAMILY


def test_mondo_names_diseases_never_features(maps: CodeMaps) -> None:
    assert [one.term for one in maps.diseases[ICD, "E84"]] == ["MONDO:0009061"]
    assert said(maps, ICD, "E84") == ()


def test_without_a_folder_only_hpo_s_own_map_is_there_and_what_is_missing_is_named() -> None:
    alone = load_code_maps(index().hpo)
    assert len(alone.missing) == 4
    assert len(alone.systems) == 3
    assert alone.of(LOINC, "2823-3") == ()
    assert maps_folder(None) is None


def test_a_map_of_another_shape_is_refused_with_its_columns(tmp_path: Path) -> None:
    (tmp_path / "mondo.sssom.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(PackError, match="subject_id"):
        load_code_maps(index().hpo, tmp_path)
