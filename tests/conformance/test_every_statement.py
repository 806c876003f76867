"""Every checked statement is reached by a tumour made to fit it, and by none of its near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bedside.genome.answer import Answer
from bedside.genome.locus import Build
from bedside.genome.tumour import (
    NOTHING_SAID,
    Aspect,
    CopyNumber,
    CopyState,
    Effect,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    Scope,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.interpret.tumour.effects import known_effects
from bedside.interpret.tumour.judge import judge
from bedside.interpret.tumour.match import matches
from bedside.interpret.tumour.place import located
from bedside.knowledge.oncotree import ANY_SOLID
from bedside.knowledge.tumour_rule import (
    All,
    Always,
    AmplifiedAtom,
    FusionAtom,
    Kind,
    MarkerAtom,
    Not,
    OneOf,
    Rule,
    VariantAtom,
)
from bedside.service.match_tumours import load_tumour_knowledge

HELD = load_tumour_knowledge()
KNOWN = known_effects(HELD.effects)
CHECKED = [one for one in HELD.therapies.rows if one.checked]
EVERYTHING = Scope(everything=frozenset(Aspect))
YES, NO, SILENT, UNSURE = Answer.YES, Answer.NO, Answer.NOT_REPORTED, Answer.UNDETERMINED
Made = list[TumourFinding]


@dataclass(frozen=True)
class Fit:
    """Findings that meet a rule; and for each atom, findings that nearly meet it."""

    findings: Made
    near: list[Made]
    unsure: list[Made]


def coding_place(gene: str, exon: int, build: Build) -> int:
    placed = HELD.genes.by_name[gene].on[build]
    low, high = placed.coding(exon) or (0, 0)
    return (low + high) // 2


def exons_of(atom: VariantAtom) -> tuple[int, ...]:
    placed = HELD.genes.by_name[atom.gene].on[Build.GRCH38]
    first, last = atom.exons or (1, len(placed.exons))
    return tuple(n for n in range(first, last + 1) if placed.coding(n) is not None)


def indel(gene: str, exon: int, reference: str, alternate: str, **said) -> SmallVariant:
    start = coding_place(gene, exon, Build.GRCH38)
    end = start + len(reference) - 1 if reference else start + 1
    made = SmallVariant(
        gene, Effect.NOT_KNOWN, Build.GRCH38, HELD.genes.by_name[gene].chromosome, start, end, reference,
        alternate,
        **said,
    )  # fmt: skip
    return located(made, HELD.genes.by_name[gene])


def codon_place(gene: str, codon: int) -> int:
    placed = HELD.genes.by_name[gene].on[Build.GRCH38]
    for exon in range(1, len(placed.exons) + 1):
        coding = placed.coding(exon)
        codons = placed.codons_over(*coding) if coding else None
        if coding and codons and codons[0] <= codon <= codons[1]:
            for place in range(coding[0], coding[1] + 1):
                if placed.codon_of(place) == codon:
                    return place
    raise AssertionError(f"{gene} has no codon {codon}")


def substitution(gene: str, reference: str, codon: int, alternate: str, **said) -> SmallVariant:
    start = codon_place(gene, codon)
    written = f"p.{reference}{codon}{alternate}"
    made = SmallVariant(
        gene, Effect.MISSENSE, Build.GRCH38, HELD.genes.by_name[gene].chromosome, start, start, "A", "C",
        written=written, **said,
    )  # fmt: skip
    return located(made, HELD.genes.by_name[gene])


def another(*not_these: str) -> str:
    return next(one for one in "WHPYQ" if one not in not_these)


def activating(atom: VariantAtom) -> SmallVariant:
    """A change that the pack lists, in the exon or stretch asked for."""
    stretch = HELD.effects.domains.get(f"{atom.gene}:{atom.domain}")
    for gene, reference, codon, alternate in HELD.effects.activating:
        if gene == atom.gene and (not stretch or stretch[0] <= codon <= stretch[1]):
            one = substitution(gene, reference, codon, another(reference) if alternate == "*" else alternate)
            if atom.exons is None or one.exons[0] in range(atom.exons[0], atom.exons[1] + 1):
                return one
    for gene, exon, kind in HELD.effects.classes:
        if gene == atom.gene and atom.exons is not None and atom.exons[0] <= exon <= atom.exons[1]:
            deleted = kind is Effect.INFRAME_DELETION
            return indel(gene, exon, *("AAA", "") if deleted else ("", "AAA"))
    raise AssertionError(f"nothing is known to activate {atom}")


def variant(atom: VariantAtom) -> Fit:
    gene, unplaced = atom.gene, SmallVariant(atom.gene, Effect.NOT_KNOWN, origin=Origin.SOMATIC)
    exons = exons_of(atom)
    other = next(
        (n for n in range(1, 90) if n not in exons and n in exons_of(VariantAtom(gene, Kind.ANY))), None
    )
    frame: Callable[[int], SmallVariant] | None = None
    match atom.kind:
        case Kind.CHANGE:
            reference, codon, alternate = atom.change or ("", 0, "")
            put = another(reference) if alternate == "*" else alternate
            near: list[Made] = [
                [substitution(gene, reference, codon, "*")],
                [replace(substitution(gene, reference, codon, reference), effect=Effect.SYNONYMOUS)],
                [substitution(gene, reference, codon + 3, put)],
            ]
            if alternate != "*":
                near.append([substitution(gene, reference, codon, another(reference, alternate))])
            return Fit([substitution(gene, reference, codon, put)], near, [[unplaced]])
        case Kind.INFRAME_DELETION:
            frame = lambda n: indel(gene, n, "AAA", "")  # noqa: E731
            wrong = [[indel(gene, exons[0], "AA", "")], [indel(gene, exons[0], "", "AAA")]]
        case Kind.INFRAME_INSERTION:
            frame = lambda n: indel(gene, n, "", "AAA")  # noqa: E731
            wrong = [[indel(gene, exons[0], "", "AA")], [indel(gene, exons[0], "AAA", "")]]
        case Kind.FRAMESHIFT:
            frame = lambda n: indel(gene, n, "", "AAAA")  # noqa: E731
            wrong = [[indel(gene, exons[0], "", "AAA")]]
        case Kind.ITD:
            frame = lambda n: indel(gene, n, "", "ACGACG", tandem=True)  # noqa: E731
            wrong = [[indel(gene, exons[0], "", "ACGACG", tandem=False)], [indel(gene, exons[0], "AAA", "")]]
        case Kind.SKIPPING:
            exon = exons[0]
            return Fit([ExonSkipping(gene, exon)], [[ExonSkipping(gene, exon + 1)]], [[unplaced]])
        case Kind.ACTIVATING:
            listed = activating(atom)
            broken = substitution(gene, "A", listed.codons[0] if listed.codons else 1, "*")
            return Fit([listed], [[broken]], [[substitution(gene, "A", (listed.codons or (1, 1))[0], "W")]])
        case Kind.LOSS_OF_FUNCTION:
            silent = replace(substitution(gene, "A", 20, "A"), effect=Effect.SYNONYMOUS)
            return Fit([substitution(gene, "A", 20, "*")], [[silent]], [[substitution(gene, "A", 20, "W")]])
        case Kind.PATHOGENIC:
            fit = substitution(gene, "A", 20, "W", classification="pathogenic", origin=Origin.GERMLINE)
            benign: list[Made] = [[replace(fit, classification="benign")]]
            if atom.germline:
                benign.append([replace(fit, origin=Origin.SOMATIC)])
            unsure: list[Made] = [[replace(fit, classification="")]]
            if atom.germline:
                unsure.append([replace(fit, origin=Origin.NOT_SAID)])
            return Fit([fit], benign, unsure)
        case Kind.ANY:
            exon = exons[len(exons) // 2]
            return Fit([indel(gene, exon, "AAA", "")], [[]], [[indel(gene, exon, "A", "C")]])
        case _:
            raise AssertionError(f"{atom}: no tumour can be made for it")
    elsewhere: list[Made] = [] if other is None or atom.exons is None else [[frame(other)]]
    return Fit([frame(exons[0])], wrong + elsewhere, [[unplaced]])


def marker(atom: MarkerAtom) -> Fit:
    if atom.compare:
        below = atom.limit - 1 if atom.compare.startswith(">") else atom.limit + 1
        return Fit(
            [Marker(atom.name, number=atom.limit)],
            [[Marker(atom.name, number=below)]],
            [[Marker(atom.name, "seen")]],
        )
    wrong = "A*24:02" if atom.name == "hla" else "not-that"
    near: Made = [Marker(atom.name, wrong)]
    return Fit([Marker(atom.name, atom.values[0])], [near], [[Marker(atom.name, "indeterminate")]])


def fit(rule: Rule) -> Fit:
    match rule:
        case VariantAtom():
            return variant(rule)
        case FusionAtom():
            made = Fusion(rule.genes[0], rule.genes[1] if len(rule.genes) > 1 else "TPM3", True)
            near: list[Made] = [[Fusion("TPM3", "KIF5B")], []]
            return Fit([made], near, [[replace(made, in_frame=False)]])
        case AmplifiedAtom():
            high = CopyState.HIGHLY_AMPLIFIED if rule.high else CopyState.AMPLIFIED
            return Fit(
                [CopyNumber(rule.gene, high)], [[CopyNumber(rule.gene, CopyState.GAIN)], []],
                [[CopyNumber(rule.gene, CopyState.NOT_KNOWN)]],
            )  # fmt: skip
        case MarkerAtom():
            return marker(rule)
        case Not():
            inner = fit(rule.rule)
            kept = inner.near[-1] if isinstance(rule.rule, MarkerAtom) else []
            return Fit(kept, [inner.findings], inner.unsure)
        case All():
            parts = [fit(one) for one in rule.rules]
            whole = [finding for part in parts for finding in part.findings]
            near, unsure = [], []
            for part in parts:
                rest = [one for one in whole if one not in part.findings]
                near += [[*rest, *missed] for missed in part.near]
                unsure += [[*rest, *doubtful] for doubtful in part.unsure]
            return Fit(whole, near, unsure)
        case OneOf():
            return fit(rule.rules[0])
        case Always():
            return Fit([], [], [])


def answer(rule: Rule, findings: Made, scope: Scope = EVERYTHING) -> Answer:
    return judge(rule, Tumour("s", "LUAD", tuple(findings), scope), KNOWN).answer


@pytest.mark.parametrize("statement", CHECKED, ids=lambda one: one.name)
def test_a_tumour_made_to_fit_is_reached_and_near_misses_are_not(statement) -> None:
    made = fit(statement.rule)
    code = "LUAD" if statement.oncotree == ANY_SOLID else statement.oncotree
    tumour = Tumour("s", code, tuple(made.findings), EVERYTHING)
    (found,) = (
        one for one in matches(HELD.therapies, HELD.tree, tumour, KNOWN) if one.therapy.name == statement.name
    )
    assert found.answer is YES
    assert found.same_tumour
    for near in made.near:
        assert answer(statement.rule, near) in (NO, SILENT), near
    for unsure in made.unsure:
        assert answer(statement.rule, unsure) not in (YES, NO), unsure
    assert answer(statement.rule, [], NOTHING_SAID) is SILENT


def test_every_disjunct_of_every_rule_is_reached() -> None:
    reached = 0
    for statement in CHECKED:
        for one in disjuncts(statement.rule):
            assert answer(one, fit(one).findings) is YES, one
            reached += 1
    assert reached > 350


def disjuncts(rule: Rule) -> list[Rule]:
    match rule:
        case OneOf():
            return [one for part in rule.rules for one in disjuncts(part)]
        case All():
            return [one for part in rule.rules for one in disjuncts(part)]
        case _:
            return [rule]


def test_blood_and_solid_and_histology_are_kept_apart() -> None:
    solid = [one for one in CHECKED if one.oncotree == ANY_SOLID]
    assert solid
    for code in ("AML", "DLBCLNOS", "CMLBCRABL1"):
        assert not any(HELD.tree.is_a(code, one.oncotree) for one in solid)
    assert HELD.tree.is_a("LUAD", "NSCLC")
    assert not HELD.tree.is_a("SCLC", "NSCLC")
    assert not HELD.tree.is_a("COAD", "STAD")
