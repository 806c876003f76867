"""Public cases are ranked at least as well as the documentation says, with the honest figure beside the
other."""

from __future__ import annotations

import tarfile

import pytest

from bedside.intake.phenopacket_in import read_cases
from bedside.service.rank_cases import load_ranker
from benchmarks.phenotype_ranking import evaluate, paper_of


def unpacked(shared, tmp_path):
    with tarfile.open(shared / "phenopackets" / "phenopackets.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path


def ranks_of(cases, ranker):
    found = evaluate(ranker, cases, [paper_of(one) for one in cases])
    return {name: [100 * float((r < top + 0.75).mean()) for top in (1, 3, 10)] for name, r in found.items()}


def test_some_public_cases_are_found_with_and_without_their_own_paper(shared, tmp_path) -> None:
    ranker = load_ranker()
    cases = read_cases([unpacked(shared, tmp_path)], ranker.hpo, confirmed=True)[::40]
    found = ranks_of(cases, ranker)
    published, honest = found["disease, as published"], found["disease, own paper left out"]
    assert len(cases) == 112
    assert all(one >= other for one, other in zip(published, honest, strict=True))
    assert published[2] >= 50
    assert honest[2] >= 35


@pytest.mark.slow
def test_every_public_case_gives_the_documented_figures(shared, tmp_path) -> None:
    ranker = load_ranker()
    found = ranks_of(read_cases([unpacked(shared, tmp_path)], ranker.hpo, confirmed=True), ranker)
    floors = {"disease, as published": (42, 51, 58), "disease, own paper left out": (26, 36, 44)}
    for name, least in floors.items():
        assert all(one >= other for one, other in zip(found[name], least, strict=True)), (name, found[name])
