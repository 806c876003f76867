"""What must hold for everybody who is screened, whatever they carry, and a second, plainer screen to agree
with."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.consent import Consent, Decision, Said, Scope
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, Outcome, ReasonCode, Screened, Subject
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.findings_panel import AgeUnknown, Copies, Mechanism, Onset, PanelRow
from bedside.knowledge.findings_reader import load_panel
from tests.unit.interpret.germline.people import record

SF = load_panel("acmg-sf")
GENES = ["BRCA1", "MUTYH", "HFE", "TTN", "PCSK9", "MYH7", "GLA", "ABCD1", "RB1", "SCN5A"]
NAMED = {one.gene: one.variant for one in SF.named}
TERMS: list[tuple[str, ...]] = [("SO:0001583",), ("SO:0001589",), ("SO:0001587", "SO:0001627"), ()]
PHASES = [(None, 0), (7, 1), (7, 2), (8, 1), (0, 2), (7, 3)]


@st.composite
def people(draw: st.DrawFn) -> tuple[list[Carried], Subject]:
    """Somebody with up to six variants in genes of every kind of rule."""
    carried: dict[Variant, Carried] = {}
    for _ in range(draw(st.integers(0, 6))):
        gene = draw(st.sampled_from(GENES))
        variant = Variant("chr1", 1_000 * GENES.index(gene) + draw(st.integers(1, 3)), "A", "G")
        if gene in NAMED and draw(st.booleans()):
            variant = NAMED[gene]
        records = tuple(
            record(
                variant,
                gene,
                draw(st.sampled_from(Classification)),
                draw(st.integers(0, 4)),
                draw(st.sampled_from(TERMS)),
                number,
            )
            for number in range(draw(st.integers(1, 2)))
        )
        phase_set, strands = draw(st.sampled_from(PHASES))
        carried[variant] = Carried(
            variant,
            draw(st.sampled_from(Zygosity)),
            phase_set,
            strands,
            records,
            draw(st.sampled_from(Confirmation)),
        )
    said = draw(st.sampled_from(Decision))
    subject = Subject(
        draw(st.sampled_from(Sex)),
        draw(st.sampled_from([None, 3, 17, 18, 60])),
        draw(st.sampled_from([None, True, False])),
        Consent("somebody", {Scope.CLINICAL: Said(said)}),
    )
    return list(carried.values()), subject


@given(people(), st.randoms(use_true_random=False))
def test_the_order_of_the_variants_does_not_matter(
    somebody: tuple[list[Carried], Subject], shuffle: Random
) -> None:
    carried, subject = somebody
    other = list(carried)
    shuffle.shuffle(other)
    assert screen(SF, carried, subject) == screen(SF, other, subject)


@given(people())
def test_every_variant_has_one_answer_for_each_disease_of_its_gene(
    somebody: tuple[list[Carried], Subject],
) -> None:
    carried, subject = somebody
    answers = screen(SF, carried, subject)
    found = sorted((a.gene, a.disease, v) for a in answers for v in a.variants)
    owed = sorted(
        (row.gene, row.disease, one.variant)
        for one in carried
        for row in SF.by_gene[one.classified[0].genes[0]]
    )
    assert found == owed
    assert all(answer.passed and answer.evidence for answer in answers)


@given(people(), st.sampled_from(AgeUnknown))
def test_nothing_unsure_is_ever_reported(
    somebody: tuple[list[Carried], Subject], age_unknown: AgeUnknown
) -> None:
    carried, subject = somebody
    by_variant = {one.variant: one for one in carried}
    for answer in screen(replace(SF, policy=replace(SF.policy, age_unknown=age_unknown)), carried, subject):
        if answer.outcome is not Outcome.REPORT:
            continue
        mine = [by_variant[variant] for variant in answer.variants]
        row = next(r for r in SF.by_gene[answer.gene] if r.disease == answer.disease)
        assert subject.consent.of(Scope.CLINICAL).decision is Decision.GIVEN
        assert {one.confirmation for one in mine} == {Confirmation.CLINICAL}
        if row.onset is Onset.ADULT:
            adult = subject.majority or (subject.majority is None and (subject.age or 0) >= 18)
            nobody_knows = subject.majority is None and subject.age is None
            assert adult or (nobody_knows and age_unknown is AgeUnknown.REPORT)
        if row.mechanism is not Mechanism.NAMED_ONLY:
            for one in mine:
                stated = {r.bucket for r in one.classified} - {Bucket.NONE}
                assert (stated == {Bucket.PLP}, max(r.stars for r in one.classified) >= 2) == (True, True)
        if answer.reason is ReasonCode.BIALLELIC_IN_TRANS:
            assert any(
                a.phase_set is not None and a.phase_set == b.phase_set and {a.strands, b.strands} == {1, 2}
                for a in mine
                for b in mine
            )


@given(people())
def test_a_second_plainer_screen_agrees_on_every_outcome(somebody: tuple[list[Carried], Subject]) -> None:
    carried, subject = somebody
    for answer in screen(SF, carried, subject):
        row = next(r for r in SF.by_gene[answer.gene] if r.disease == answer.disease)
        expected = _plain(row, answer, carried, subject)
        assert (answer.gene, answer.outcome) == (answer.gene, expected)


_OF_UNKNOWN_AGE = {
    AgeUnknown.REPORT: Outcome.REPORT,
    AgeUnknown.REVIEW: Outcome.REVIEW,
    AgeUnknown.HOLD: Outcome.HOLD,
}


def _plain(row: PanelRow, answer: Screened, carried: list[Carried], subject: Subject) -> Outcome:
    """The rules once more, written as a list of questions about the variants of one answer."""
    mine = [one for one in carried if one.variant in answer.variants]
    single = [_single(row, one) for one in mine]
    worst = max(single, key=lambda o: o.strictness)
    if worst is Outcome.NO_ACTION:
        return worst
    if worst is not Outcome.HOLD:
        gene = [one for one in carried if one.classified[0].genes[0] == row.gene]
        counted = [one for one in gene if _single(row, one) in (Outcome.REPORT, Outcome.REVIEW)]
        beside = [one for one in gene if _single(row, one) is not Outcome.NO_ACTION]
        enough = _enough(row, mine, subject.sex)
        if enough is Outcome.NO_ACTION:
            enough = _enough(row, counted, subject.sex)
        if enough is Outcome.NO_ACTION and _enough(row, beside, subject.sex) is not Outcome.NO_ACTION:
            enough = Outcome.HOLD
        worst = max(worst, enough, key=lambda o: o.strictness)
    if worst is Outcome.NO_ACTION:
        return worst
    returned = [worst]
    said = subject.consent.of(Scope.CLINICAL).decision
    if said is Decision.WITHDRAWN:
        return Outcome.NO_ACTION
    if said is Decision.NOT_ASKED:
        returned.append(Outcome.HOLD)
    if row.onset is Onset.ADULT:
        if subject.majority is None and subject.age is None:
            returned.append(_OF_UNKNOWN_AGE[SF.policy.age_unknown])
        elif not (subject.majority if subject.majority is not None else (subject.age or 0) >= 18):
            returned.append(Outcome.HOLD)
    if any(one.confirmation is Confirmation.UNCONFIRMED for one in mine):
        returned.append(Outcome.HOLD)
    if any(one.confirmation is Confirmation.RESEARCH for one in mine):
        returned.append(Outcome.REVIEW)
    return max(returned, key=lambda o: o.strictness)


def _single(row: PanelRow, one: Carried) -> Outcome:
    named = NAMED.get(row.gene) == one.variant or any(
        n.variant == one.variant and n.gene == row.gene for n in SF.named
    )
    if row.mechanism is Mechanism.NAMED_ONLY and named:
        return Outcome.REPORT
    stated = [r for r in one.classified if r.bucket is not Bucket.NONE]
    buckets = {r.bucket for r in stated}
    if not buckets:
        return Outcome.NO_ACTION
    held = Outcome.REPORT
    if len(buckets) > 1 or buckets == {Bucket.CONFLICT}:
        held = Outcome.HOLD
    elif buckets != {Bucket.PLP}:
        weakest = max(stated, key=lambda r: r.classification.number).classification
        if weakest is not Classification.OTHER:
            return Outcome.NO_ACTION
        held = Outcome.HOLD
    else:
        stars = max(r.stars for r in stated)
        if stars == 0:
            return Outcome.NO_ACTION
        if stars == 1 or any("low-penetrance" in r.classification.value for r in stated):
            held = Outcome.REVIEW
    return max(held, _acts(row, named, one), key=lambda o: o.strictness)


def _acts(row: PanelRow, named: bool, one: Carried) -> Outcome:
    terms = {term for r in one.classified for term in r.consequences}
    truncating = bool(terms & {"SO:0001587", "SO:0001589"})
    if row.mechanism is Mechanism.NAMED_ONLY:
        return Outcome.NO_ACTION
    if row.mechanism is Mechanism.LOSS or (row.mechanism is Mechanism.LOSS_PROTECTS and named):
        return Outcome.REPORT
    if not terms:
        return Outcome.REVIEW
    return {
        (Mechanism.TRUNCATING_ONLY, True): Outcome.REPORT,
        (Mechanism.TRUNCATING_ONLY, False): Outcome.NO_ACTION,
        (Mechanism.LOSS_PROTECTS, True): Outcome.NO_ACTION,
        (Mechanism.LOSS_PROTECTS, False): Outcome.REVIEW,
        (Mechanism.ALTERED, True): Outcome.REVIEW,
        (Mechanism.ALTERED, False): Outcome.REPORT,
    }[row.mechanism, truncating]


def _enough(row: PanelRow, mine: list[Carried], sex: Sex) -> Outcome:
    het = [one for one in mine if one.zygosity is Zygosity.HETEROZYGOUS]
    hom = any(one.zygosity is Zygosity.HOMOZYGOUS for one in mine)
    hemi = any(one.zygosity is Zygosity.HEMIZYGOUS for one in mine)
    if row.copies is Copies.ONE:
        return Outcome.REPORT
    if row.copies is Copies.HOMOZYGOUS:
        return Outcome.REVIEW if hemi else Outcome.REPORT if hom else Outcome.NO_ACTION
    if row.copies is Copies.X_ANY:
        odd = (sex is Sex.MALE and het) or (sex is Sex.FEMALE and hemi)
        return Outcome.REVIEW if odd else Outcome.REPORT
    if row.copies is Copies.X_TWO and sex is Sex.MALE:
        return Outcome.REPORT if len(het) < len(mine) else Outcome.REVIEW
    if row.copies is Copies.X_TWO and sex is not Sex.FEMALE:
        return Outcome.REVIEW
    if hom:
        return Outcome.REPORT
    if hemi:
        return Outcome.REVIEW
    states = set()
    for i, a in enumerate(het):
        for b in het[i + 1 :]:
            told = a.phase_set is not None and a.phase_set == b.phase_set and {a.strands, b.strands} <= {1, 2}
            states.add("unknown" if not told else "cis" if a.strands == b.strands else "trans")
    if "trans" in states:
        return Outcome.REPORT
    return Outcome.REVIEW if "unknown" in states else Outcome.NO_ACTION
