"""Which therapies a tumour speaks for: by tumour, by status, and never from what was not looked at."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bedside.cli import main
from bedside.errors import InputError, IntakeError
from bedside.genome.answer import Answer
from bedside.genome.tumour import NOTHING_SAID, Tumour
from bedside.interpret.tumour.match import Tier
from bedside.knowledge.therapies import Status
from bedside.service.match_tumours import EXOME, judged, load_tumour_knowledge, tumours_of

HELD = load_tumour_knowledge()
L858R = {
    "gene": "EGFR", "build": "GRCh37", "chromosome": "chr7", "start": 55259515, "reference": "T",
    "alternate": "G", "protein": "p.L858R",
}  # fmt: skip
V600E = {
    "gene": "BRAF", "build": "GRCh37", "chromosome": "chr7", "start": 140453136, "reference": "A",
    "alternate": "T", "protein": "p.V600E",
}  # fmt: skip


def found(tmp_path, tumour: str, on: date | None = None, **said):
    path = tmp_path / "tumour.json"
    path.write_text(json.dumps({"sample": "s", "tumour": tumour, **said}))
    ((_, matches),) = judged(tumours_of(path, "", HELD, NOTHING_SAID), HELD, on)
    return matches


def yes(matches, drug: str):
    return [
        (one.tier, one.answer) for one in matches if one.therapy.drug == drug and one.answer is Answer.YES
    ]


def test_a_driver_in_its_tumour_is_tier_one_and_in_another_tier_two(tmp_path) -> None:
    lung = found(tmp_path, "LUAD", small_variants=[L858R])
    assert (Tier.IA, Answer.YES) in yes(lung, "Osimertinib")
    breast = found(tmp_path, "BRCA", small_variants=[L858R])
    assert {tier for tier, _ in yes(breast, "Osimertinib")} == {Tier.IIC}


def test_dabrafenib_and_trametinib_are_not_for_colorectal_cancer(tmp_path) -> None:
    def any_solid(matches):
        return [
            (one.excluded, one.answer, one.tier)
            for one in matches
            if one.therapy.drug == "Dabrafenib + Trametinib" and one.therapy.oncotree == "ANY_SOLID"
        ]

    assert any_solid(found(tmp_path, "COAD", small_variants=[V600E])) == [(True, Answer.NO, Tier.NONE)]
    assert any_solid(found(tmp_path, "CHOL", small_variants=[V600E])) == [(False, Answer.YES, Tier.IA)]


def test_what_was_not_looked_at_is_not_wild_type(tmp_path) -> None:
    def wild_type(matches):
        return {one.answer for one in matches if one.therapy.written == "!KRAS:exon2:any"}

    assert wild_type(found(tmp_path, "COAD")) == {Answer.NOT_REPORTED}
    looked = {"small-variants": ["KRAS", "NRAS"]}
    assert wild_type(found(tmp_path, "COAD", scope=looked)) == {Answer.YES}


def test_a_withdrawn_statement_leads_to_nothing_and_a_later_one_is_not_known_before_its_day(tmp_path) -> None:
    matches = found(tmp_path, "LUAD", small_variants=[L858R])
    withdrawn = [one for one in matches if one.therapy.status is Status.WITHDRAWN]
    assert {one.tier for one in withdrawn} == {Tier.NONE}
    assert withdrawn
    early = found(tmp_path, "LUAD", date(2015, 1, 1), small_variants=[L858R])
    assert yes(early, "Osimertinib") == []
    assert yes(early, "Erlotinib") != []


def test_unchecked_statements_are_never_shown() -> None:
    unchecked = {one.name for one in HELD.therapies.rows if not one.checked}
    assert unchecked
    assert all(one.why_unchecked for one in HELD.therapies.rows if not one.checked)
    ((_, matches),) = judged([Tumour("s", "LUAD", (), EXOME)], HELD)
    assert unchecked.isdisjoint({one.therapy.name for one in matches})


def test_an_unknown_tumour_type_is_an_error_with_what_is_near(tmp_path) -> None:
    with pytest.raises(InputError, match="no OncoTree code") as wrong:
        found(tmp_path, "LUNGADENO")
    assert "LUNG" in (wrong.value.problems[0].remedy or "")


def test_a_misspelt_part_is_refused_and_every_fault_is_told(tmp_path) -> None:
    with pytest.raises(IntakeError) as wrong:
        found(tmp_path, "LUAD", fusion=[], markers=[{"name": "msi"}], small_variants=[{"gene": "EGFR"}])
    assert len(wrong.value.problems) == 3


def test_the_command_lists_what_is_asked_for(tmp_path, capsys) -> None:
    path = tmp_path / "tumour.json"
    path.write_text(json.dumps({"sample": "s", "tumour": "LUAD", "small_variants": [L858R]}))
    assert main(["match", str(path)]) == 0
    header, *rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert header == [
        "sample", "gene", "alteration", "tumour", "therapy", "tier", "status", "line", "logic", "reason",
        "source",
    ]  # fmt: skip
    assert {row[8] for row in rows} <= {"yes", "undetermined"}
    assert all(row[10] for row in rows)
    assert main(["match", str(path), "--answers", "maybe"]) == 1
