"""The ontology as published: terms in force, old ids, ancestors, names that lay people use."""

from __future__ import annotations

import gzip

import pytest

from bedside.errors import PackError
from bedside.knowledge.hpo import ABNORMALITY, load_hpo, release_folder

SMALL = """format-version: 1.2
data-version: hp/releases/2024-02-03

[Term]
id: HP:0000118
name: Phenotypic abnormality

[Term]
id: HP:0001250
name: Seizure
alt_id: HP:0001275
synonym: "Epileptic seizure" EXACT []
synonym: "Fit" RELATED layperson []
synonym: "Epilepsies" RELATED []
xref: SNOMEDCT_US:91175000
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0009999
name: obsolete Seizures
is_obsolete: true
replaced_by: HP:0001250

[Typedef]
id: part_of
"""


def test_a_small_ontology_is_read_whole_plain_or_packed(tmp_path) -> None:
    (tmp_path / "hp.obo.gz").write_bytes(gzip.compress(SMALL.encode()))
    hpo = load_hpo(tmp_path)
    assert (hpo.version, set(hpo.terms)) == ("2024-02-03", {"HP:0000118", "HP:0001250"})
    seizure = hpo.terms["HP:0001250"]
    assert seizure.synonyms == (("Epileptic seizure", False), ("Fit", True))
    assert seizure.xrefs == ("SNOMEDCT_US:91175000",)
    assert {hpo.term(one) for one in ("HP:0001275", "HP:0009999")} == {seizure}
    assert hpo.term("HP:9999999") is None
    assert hpo.ancestors["HP:0001250"] == {"HP:0001250", ABNORMALITY}


def test_the_release_that_comes_along_is_whole_and_named() -> None:
    hpo = load_hpo(release_folder())
    assert hpo.version == "2025-01-16"
    assert len(hpo.terms) == 19034
    assert ABNORMALITY in hpo.ancestors["HP:0001250"]


def test_a_release_that_is_not_there_is_an_error_that_says_what_is(tmp_path) -> None:
    (tmp_path / "sources" / "hpo" / "2023-10-09").mkdir(parents=True)
    with pytest.raises(PackError, match="2023-10-09"):
        release_folder("1999-01-01", tmp_path)
    assert release_folder("2023-10-09", tmp_path).name == "2023-10-09"
    with pytest.raises(PackError, match="missing"):
        load_hpo(tmp_path / "sources" / "hpo" / "2023-10-09")
