"""From calls by place to findings by gene: which gene a change lies in, which genes a join brings
together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bedside.genome.locus import Build
from bedside.genome.tumour import CopyNumber, CopyState, Effect, Fusion, SmallVariant, TumourFinding
from bedside.genome.tumour_calls import Breakend, CopyCall, Event, TumourCalls
from bedside.knowledge.tumour_genes import Placed, TumourGene, TumourGenes

Span = tuple[int, int, str, bool | None]
"""First and last base, the gene, and whether it is read forward; None where that is not known."""


@dataclass(frozen=True, slots=True)
class GeneMap:
    """The genes of a pack on one assembly, and the spans of others that are only named as partners."""

    genes: Mapping[str, TumourGene]
    build: Build
    spans: Mapping[str, tuple[Span, ...]]
    others: Mapping[str, tuple[Span, ...]]

    def at(self, chromosome: str, start: int, end: int) -> Iterator[str]:
        """The genes of the pack that a stretch touches."""
        spans = self.spans.get(chromosome, ())
        for first, last, gene, _ in spans[: bisect_right(spans, (end + 1,))]:
            if first <= end and start <= last:
                yield gene

    def touched(self, chromosome: str, start: int, end: int) -> bool:
        """Whether a stretch touches a gene of the pack."""
        return any(first <= end and start <= last for first, last, _, _ in self.spans.get(chromosome, ()))

    def around(self, chromosome: str, place: int) -> tuple[str, bool | None] | None:
        """The gene a base lies in and whether it is read forward: one of the pack before another."""
        for held in (self.spans, self.others):
            for first, last, gene, forward in held.get(chromosome, ()):
                if first <= place <= last:
                    return gene, forward
        return None

    def placed(self, gene: str) -> Placed:
        """Where a gene of the map lies."""
        return self.genes[gene].on[self.build]


def gene_map(genes: TumourGenes, build: Build, others: Mapping[str, tuple[Span, ...]]) -> GeneMap:
    """The map for an assembly. others: spans by chromosome of genes outside the pack."""
    found: dict[str, list[Span]] = {}
    for one in genes.by_name.values():
        if build in one.on:
            start, end = one.on[build].span()
            found.setdefault(one.chromosome, []).append((start, end, one.gene, one.on[build].forward))
    held = {chromosome: tuple(sorted(spans)) for chromosome, spans in found.items()}
    return GeneMap(genes.by_name, build, held, others)


def assigned(calls: TumourCalls, genes: GeneMap, amplified_from: float | None) -> tuple[TumourFinding, ...]:
    """The findings of a VCF. amplified_from: the copies from which this assay speaks of an amplification,
    None where nobody said: then more than two copies are not told apart."""
    found: list[TumourFinding] = []
    for one in calls.small:
        found += [
            replace(one, gene=gene)
            for gene in genes.at(one.chromosome, one.start or 0, one.end or one.start or 0)
        ]
    found += fusions(calls.breakends, genes)
    for call in calls.copies:
        found += _copies(call, genes, amplified_from)
    for event in calls.events:
        found += _event(event, genes)
    return tuple(found)


def fusions(breakends: Iterable[Breakend], genes: GeneMap) -> Iterator[Fusion]:
    """The fusions that joins make; each join once, though it is written at both its ends."""
    seen: set[frozenset[tuple[str, int]]] = set()
    for one in breakends:
        if one.place is None or not one.other:
            lone = genes.around(one.chromosome, one.position)
            if lone is not None and lone[0] in genes.genes:
                yield _lone(lone, one.keeps_left, "has an end that the file does not place")
            continue
        ends = frozenset({(one.chromosome, one.position), (one.other, one.place)})
        if ends in seen:
            continue
        seen.add(ends)
        fusion = joined(
            genes,
            (one.chromosome, one.position, one.keeps_left),
            (one.other, one.place, one.other_left),
            one.doubt,
        )
        if fusion is not None:
            yield fusion


def _lone(gene: tuple[str, bool | None], keeps_left: bool, why: str) -> Fusion:
    name, forward = gene
    first = forward == keeps_left
    return Fusion(name if first else "", "" if first else name, rna=False, doubt=why)


def joined(
    genes: GeneMap, here: tuple[str, int, bool], there: tuple[str, int, bool], doubt: str
) -> Fusion | None:
    """The fusion of two ends (chromosome, place, whether the bases up to it are kept); None where neither
    lies in a gene of the pack, or both in the same. A gene whose first part is kept comes first."""
    a, b = genes.around(*here[:2]), genes.around(*there[:2])
    if (a is None and b is None) or (a is not None and b is not None and a[0] == b[0]):
        return None
    if not any(one is not None and one[0] in genes.genes for one in (a, b)):
        return None
    if a is None or b is None:
        known, keeps = (a, here[2]) if a is not None else (b, there[2])
        why = doubt or "joins it to where no known gene lies"
        return None if known is None else _lone(known, keeps, why)
    first_a, first_b = a[1] == here[2], b[1] == there[2]
    if a[1] is None or b[1] is None:
        first_a = not first_b if a[1] is None else first_a
        first_b = not first_a
    if first_a == first_b:
        why = doubt or "is joined against the direction of reading"
        return Fusion(a[0], b[0], rna=False, doubt=why)
    five, three = (a[0], b[0]) if first_a else (b[0], a[0])
    return Fusion(five, three, rna=False, doubt=doubt)


def _copies(call: CopyCall, genes: GeneMap, amplified_from: float | None) -> Iterator[CopyNumber]:
    for gene in genes.at(call.chromosome, call.start, call.end):
        start, end = genes.placed(gene).span()
        if call.start > start or call.end < end:
            continue
        state = CopyState.NOT_KNOWN if call.doubt else state_of(call.copies, amplified_from)
        yield CopyNumber(gene, state, call.copies)


def state_of(copies: float | None, amplified_from: float | None) -> CopyState:
    """The word for a number of copies. How many are an amplification depends on the assay."""
    if copies is None:
        return CopyState.NOT_KNOWN
    if amplified_from is not None and copies >= amplified_from:
        return CopyState.AMPLIFIED
    if copies <= NORMAL:
        return {0: CopyState.DELETED, 1: CopyState.LOSS, 2: CopyState.NEUTRAL}.get(
            round(copies) if copies == round(copies) else -1, CopyState.NOT_KNOWN
        )
    return CopyState.GAIN if amplified_from is not None else CopyState.NOT_KNOWN


NORMAL = 2


def _event(event: Event, genes: GeneMap) -> Iterator[TumourFinding]:
    """A deletion or duplication within one gene as a small variant; one that reaches from a gene into
    another as the join it makes."""
    here, there = genes.around(event.chromosome, event.start), genes.around(event.chromosome, event.end)
    same = here is not None and there is not None and here[0] == there[0]
    if event.kind in ("DEL", "DUP", "INS") and (same or event.kind == "INS"):
        for gene in genes.at(event.chromosome, event.start, event.end):
            yield _within(event, gene, genes.build)
        return
    left, right = (event.chromosome, event.start), (event.chromosome, event.end)
    kept = {"DEL": [(True, False)], "DUP": [(False, True)], "INV": [(True, True), (False, False)]}
    for first, second in kept.get(event.kind, []):
        fusion = joined(genes, (*left, first), (*right, second), event.doubt)
        if fusion is not None and (fusion.five in genes.genes or fusion.three in genes.genes):
            yield fusion


def _within(event: Event, gene: str, build: Build) -> SmallVariant:
    size = event.end - event.start + 1
    if event.kind == "DEL":
        start, end, reference, alternate = event.start, event.end, "N" * size, ""
    else:
        length = event.length if event.length is not None else size if event.kind == "DUP" else 0
        start, end, reference, alternate = event.end, event.end + 1, "", "N" * length
    doubt = event.doubt if alternate or reference else event.doubt or "how much is put in is not said"
    return SmallVariant(
        gene, Effect.NOT_KNOWN, build, event.chromosome, start, end, reference, alternate,
        tandem=True if event.kind == "DUP" and event.tandem else None, doubt=doubt,
    )  # fmt: skip
