"""Points held against what experts decided: the classes of ENIGMA's panel for BRCA1 and BRCA2, and the codes
of ClinGen's evidence repository for the rows of a public benchmark that can be computed offline.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import NO_BASES, other_strand
from bedside.interpret.germline.consequence import consequence
from bedside.interpret.germline.points import Points, comparators, points
from bedside.knowledge.acmg_points import Leaning, Strength, load_points
from bedside.knowledge.classification import Bucket, Classification, ClassifiedVariant
from bedside.knowledge.findings_panel import Mechanism
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.transcripts import Transcript, load_transcripts
from tests.conformance.brca import Stated, reference, stated, transcripts

RULES = load_points()
BENCH = "acmg_rules/autoacmg_bench_comparison_criteria_custom.csv"
CLASSES = {
    "Pathogenic": Classification.PATHOGENIC,
    "Likely_pathogenic": Classification.LIKELY_PATHOGENIC,
    "Pathogenic/Likely_pathogenic": Classification.LIKELY_PATHOGENIC,
    "Uncertain_significance": Classification.UNCERTAIN,
    "Likely_benign": Classification.LIKELY_BENIGN,
    "Benign/Likely_benign": Classification.LIKELY_BENIGN,
    "Benign": Classification.BENIGN,
}
Judged = list[tuple[Stated, Bucket, Points]]


def stars(review: str) -> int:
    """As many of ClinVar's stars as this test needs."""
    return 3 if "expert_panel" in review else 2 if "multiple_submitters" in review else 1


def record(one: Stated) -> ClassifiedVariant:
    return ClassifiedVariant(
        one.variation_id,
        None,
        one.variant,
        (one.gene,),
        CLASSES[one.classification],
        stars(one.review),
        one.review,
        (),
        (),
        one.classification,
        "clinvar@2026-02-26",
        one.frequencies,
    )


@pytest.fixture(scope="module")
def judged(shared: Path) -> Judged:
    """Every variant that the expert panel classified, with the points it gets here."""
    bases, genes = reference(shared), transcripts()
    known = [one for one in stated(shared) if one.classification in CLASSES]
    against = {
        gene: comparators([record(one) for one in known if one.gene == gene], transcript, bases, RULES)
        for gene, transcript in genes.items()
    }
    found: Judged = []
    for one in known:
        if stars(one.review) == 3:
            transcript = genes[one.gene]
            what = consequence(one.variant, transcript, bases)
            sum_ = points(
                one.variant,
                transcript,
                what,
                (Mechanism.LOSS,),
                RULES,
                bases,
                against[one.gene],
                one.frequencies or None,
            )
            found.append((one, CLASSES[one.classification].bucket, sum_))
    return found


def test_what_leans_to_pathogenic_is_what_the_expert_panel_calls_so(judged: Judged) -> None:
    """4,644 of 7,472 lean that way: the panel calls 4,638 so, leaves five uncertain and calls one benign (a
    splice site that the gene can do without)."""
    leaning = Counter(bucket for _, bucket, sum_ in judged if sum_.for_review)
    assert len(judged) == 7_472
    assert leaning == {Bucket.PLP: 4_638, Bucket.VUS: 5, Bucket.BLB: 1}


def test_what_leans_to_benign_is_benign_to_the_panel(judged: Judged) -> None:
    leaning = Counter(
        bucket for _, bucket, sum_ in judged if sum_.leaning in (Leaning.BENIGN, Leaning.LIKELY_BENIGN)
    )
    assert leaning == {Bucket.BLB: 1_994}


def test_nothing_reaches_pathogenic_on_offline_points_alone(judged: Judged) -> None:
    assert [one.variation_id for one, _, sum_ in judged if sum_.leaning is Leaning.PATHOGENIC] == []


def test_every_comparator_is_named_and_none_is_the_variant_itself(judged: Judged) -> None:
    compared = [
        (one.variation_id, evidence.compared)
        for one, _, sum_ in judged
        for evidence in sum_.evidence
        if evidence.code in ("PS1", "PM5")
    ]
    assert len(compared) > 50
    assert [own for own, others in compared if not others or own in others] == []


def coding_place(transcript: Transcript, number: int) -> int:
    """Where the coding base with this number, from 1, stands in the genome."""
    left = number - 1
    for start, end in transcript.coding:
        if left <= end - start:
            return start + left if transcript.forward else end - left
        left -= end - start + 1
    raise AssertionError(f"{number} is behind the stop")


def parse(transcript: Transcript, change: str) -> Variant | None:
    """The variant of `525delT`, `50_51delAA`, `567dupG` or `1A>G`; bases that nobody needs are N."""
    found = re.fullmatch(r"(\d+)(?:_(\d+))?(del|dup)([ACGT]+)|(\d+)([ACGT])>([ACGT])", change)
    if found is None:
        return None
    first, last, kind, text, place, old, new = found.groups()

    def strand(bases: str) -> str:
        return bases if transcript.forward else other_strand(bases)

    if place:
        return Variant(transcript.chromosome, coding_place(transcript, int(place)), strand(old), strand(new))
    ends = [coding_place(transcript, int(one)) for one in (first, last or first)]
    low, high = min(ends), max(ends)
    if kind == "del":
        return Variant(transcript.chromosome, low - 1, "N" + strand(text), "N")
    return Variant(transcript.chromosome, high, "N", "N" + strand(text))


def test_pvs1_of_the_public_benchmark_where_the_panel_has_the_transcript(shared: Path) -> None:
    """Of 172 rows, 54 lie in transcripts of the panel; a change of one base needs sequence that is not here,
    and then PVS1 is not assessed rather than unmet."""
    panel = load_panel("acmg-sf")
    by_accession = {
        one.accession.partition(".")[0]: one for mine in load_transcripts().by_gene.values() for one in mine
    }
    counted: Counter[str] = Counter()
    with (shared / BENCH).open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            accession, _, change = row[0].partition(":c.")
            transcript = by_accession.get(accession.partition(".")[0])
            variant = parse(transcript, change) if transcript else None
            if transcript is None or variant is None:
                continue
            what = consequence(variant, transcript, NO_BASES)
            mechanisms = [one.mechanism for one in panel.by_gene[transcript.gene]]
            sum_ = points(variant, transcript, what, mechanisms, RULES, NO_BASES)
            expected = "PVS1" in row[1].split(";")
            met = {one.code: one.strength for one in sum_.evidence}
            if "PVS1" in met:
                counted["expected and met" if expected else "met alone"] += 1
                counted[met["PVS1"].value] += 1
            elif "PVS1" in dict(sum_.not_assessed):
                counted["expected, not assessed" if expected else "not assessed"] += 1
            else:
                counted["expected alone" if expected else "neither"] += 1
    assert counted == {
        "expected and met": 7,
        "expected, not assessed": 1,
        "not assessed": 46,
        Strength.VERY_STRONG.value: 6,
        Strength.SUPPORTING.value: 1,
    }
