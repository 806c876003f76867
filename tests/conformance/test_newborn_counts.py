"""Inheritance and blocklist held against a public count: positive newborn screens among 3,202 genomes of the
1000 Genomes Project, with and without a blocklist (BeginNGS; its gene list is test data only).
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.variant import Variant, parse_variant
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, Outcome, ReasonCode
from bedside.knowledge.findings_panel import Blocked, Copies, Inheritance, Mechanism, Panel
from bedside.knowledge.findings_reader import load_panel
from tests.unit.interpret.germline.people import MAN, WOMAN, carried, record

COPIES = {
    "AD": (Inheritance.DOMINANT, Copies.ONE),
    "AR": (Inheritance.RECESSIVE, Copies.TWO),
    "XR": (Inheritance.X_LINKED, Copies.X_TWO),
    "XD": (Inheritance.X_LINKED, Copies.X_ANY),
}
Diplotype = tuple[str, str, str, str, int]


def diplotypes(path: Path) -> list[Diplotype]:
    """Diplotype, zygosity, gene, inheritance and how many people have it."""
    with path.open(encoding="utf-8") as file:
        return [
            (row["DIPLOTYPE"], row["ZYGOSITY"], row["GENE"], row["MOI"], int(row["count"]))
            for row in csv.DictReader(file)
        ]


def panel_of(found: list[Diplotype], blocked: set[str]) -> Panel:
    """A panel of these genes with their inheritance, and of the blocked variants."""
    newborn = load_panel("newborn")
    template = newborn.rows[0]
    rows = tuple(
        replace(
            template,
            gene=gene,
            disease=gene,
            inheritance=COPIES[moi][0],
            copies=COPIES[moi][1],
            mechanism=Mechanism.LOSS,
        )
        for gene, moi in sorted({(gene, moi) for _, _, gene, moi, _ in found})
    )
    entries = {parse_variant(text): text for text in blocked}
    return replace(
        newborn,
        rows=rows,
        named=(),
        examples=(),
        policy=replace(newborn.policy, confirmatory=False),
        blocked={variant: Blocked(variant, "not severe", "oracle") for variant in entries},
    )


def person(diplotype: Diplotype, phased: bool) -> list[Carried]:
    """The variants of somebody with a diplotype, on their strands."""
    text, zygosity, gene, _, _ = diplotype
    strands: dict[Variant, int] = {}
    for place, side in enumerate(re.findall(r"\[([^\]]*)\]|\+", text)):
        for one in filter(None, side.split(";")):
            variant = parse_variant(one)
            strands[variant] = strands.get(variant, 0) | 1 << place
    return [
        carried(
            record(variant, gene),
            zygosity=Zygosity.HEMIZYGOUS
            if zygosity == "HEMIZYGOUS"
            else Zygosity.HOMOZYGOUS
            if bits == 3
            else Zygosity.HETEROZYGOUS,
            phase=(0, bits) if phased else None,
        )
        for variant, bits in strands.items()
    ]


def positives(
    panel: Panel, found: list[Diplotype], phased: bool = True
) -> dict[tuple[Outcome, ReasonCode], int]:
    """How many people have each outcome that is not "no action"."""
    counted: dict[tuple[Outcome, ReasonCode], int] = {}
    for diplotype in found:
        subject = MAN if diplotype[1] == "HEMIZYGOUS" else WOMAN
        assert subject.sex in (Sex.MALE, Sex.FEMALE)
        answers = screen(panel, person(diplotype, phased), subject)
        best = min(answers, key=lambda one: one.outcome.strictness)
        if best.outcome is not Outcome.NO_ACTION:
            key = (best.outcome, best.reason)
            counted[key] = counted.get(key, 0) + diplotype[4]
    return counted


def test_without_a_blocklist_every_published_positive_is_positive(shared: Path) -> None:
    found = diplotypes(shared / "nbs_beginngs" / "onekg_noblocklist_diplotypes.csv")
    counted = positives(panel_of(found, set()), found)
    assert {outcome for outcome, _ in counted} == {Outcome.REPORT}
    assert sum(counted.values()) == 4_344


def test_a_blocklist_brings_4344_positives_to_the_published_215_but_for_one_pair_in_cis(
    shared: Path,
) -> None:
    """One person's two variants that are left stand on one strand in the longer list; they count as a pair in
    the shorter one. Here they are in cis."""
    folder = shared / "nbs_beginngs"
    found = diplotypes(folder / "onekg_noblocklist_diplotypes.csv")
    with (folder / "blocklist_20241114.csv").open(encoding="utf-8") as file:
        blocked = {row["ID"] for row in csv.DictReader(file, delimiter="\t")}
    counted = positives(panel_of(found, blocked), found)
    published = sum(one[4] for one in diplotypes(folder / "onekg_diplotypes.csv"))
    assert (len(blocked), published, sum(counted.values())) == (292, 215, 214)


def test_without_phase_a_pair_is_a_question_and_not_a_positive(shared: Path) -> None:
    found = diplotypes(shared / "nbs_beginngs" / "onekg_noblocklist_diplotypes.csv")
    pairs = [one for one in found if one[1] == "COMPOUND HETEROZYGOUS" and one[3] == "AR"]
    counted = positives(panel_of(found, set()), pairs, phased=False)
    assert set(counted) == {(Outcome.REVIEW, ReasonCode.PHASE_UNKNOWN)}
