"""What a person's genes let guidance be looked up with: usable keys, several candidates, or a named lack of
them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from bedside.decide.phenoconversion import Conversion
from bedside.genome.diplotype import Diplotype
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import Gene, Guidance, Lookup, PgxPack

NO_RESULT = "No Result"
"""The lookup key by which guidance tables speak of a gene without a usable result."""

MEANING_UNKNOWN = frozenset({"Indeterminate", "n/a"})
"""The lookup keys by which guidance tables speak of a result without an assigned meaning."""

RESERVED = MEANING_UNKNOWN | {NO_RESULT}


class Standing(Enum):
    """How far a gene can carry guidance."""

    KNOWN = "known"
    NOT_TESTED = "not tested"
    NOT_CALLED = "not called"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One gene. candidates: each a set of lookup keys that hold together; more than one means they are
    rivals.
    """

    gene: str
    standing: Standing
    candidates: tuple[frozenset[str], ...]
    call: GeneCall | None = None
    conversion: Conversion | None = None

    @property
    def known(self) -> bool:
        """Whether the gene has a result with an assigned meaning."""
        return self.standing is Standing.KNOWN


def asked_of(rows: Iterable[Guidance]) -> Mapping[str, frozenset[str]]:
    """For each gene of a table of guidance, the lookup keys its rows ask for."""
    asked: dict[str, set[str]] = {}
    for row in rows:
        for gene, key in row.criteria.items():
            asked.setdefault(gene, set()).add(key)
    return {gene: frozenset(keys) for gene, keys in asked.items()}


def gather(
    pack: PgxPack,
    calls: Mapping[str, GeneCall],
    asked: Mapping[str, frozenset[str]],
    conversions: Iterable[Conversion] = (),
) -> Mapping[str, Evidence]:
    """The evidence of each gene asked about; a gene without a call counts as not tested."""
    converted = {conversion.gene: conversion for conversion in conversions}
    return {
        gene: _evidence(pack, gene, calls.get(gene), keys, converted.get(gene))
        for gene, keys in asked.items()
    }


def _evidence(
    pack: PgxPack, gene: str, call: GeneCall | None, asked: frozenset[str], conversion: Conversion | None
) -> Evidence:
    if call is None or call.status is CallStatus.NOT_TESTED:
        return Evidence(gene, Standing.NOT_TESTED, (frozenset({NO_RESULT}),), call)
    if call.status is CallStatus.NO_CALL and not call.by_single_position:
        return Evidence(gene, Standing.NOT_CALLED, (frozenset({NO_RESULT}),), call)
    known, keys = pack.genes.get(gene), call.lookup_keys
    if call.status is CallStatus.INDETERMINATE or not keys or set(keys) <= MEANING_UNKNOWN:
        named = _named(known, call, asked)
        if named:
            return Evidence(gene, Standing.KNOWN, (MEANING_UNKNOWN.union(named),), call)
        return Evidence(gene, Standing.INDETERMINATE, (MEANING_UNKNOWN,), call)
    if known is not None and known.lookup is Lookup.ALLELE_PRESENCE:
        alleles = {_allele(key) for key in asked - RESERVED}
        keys = tuple(key for key in keys if _allele(key) in alleles)
        if not keys:
            return Evidence(gene, Standing.NOT_TESTED, (frozenset({NO_RESULT}),), call)
        return Evidence(gene, Standing.KNOWN, _presence(keys), call)
    if conversion is not None:
        candidates = tuple(_converted(key, conversion, asked) for key in keys)
    else:
        candidates = tuple(one for key in keys for one in _candidates(known, call, key, asked))
    return Evidence(gene, Standing.KNOWN, tuple(dict.fromkeys(candidates)), call, conversion)


def _named(gene: Gene | None, call: GeneCall, asked: frozenset[str]) -> frozenset[str]:
    """The names by which a table speaks of the diplotype itself, whatever its phenotype is."""
    if len(call.recommendation_diplotypes) != 1 or not any(map(_of_diplotype, asked)):
        return frozenset()
    return _names_of(gene, call.recommendation_diplotypes[0]) & asked


def _candidates(
    gene: Gene | None, call: GeneCall, key: str, asked: frozenset[str]
) -> tuple[frozenset[str], ...]:
    """A key with whatever else a table may ask about the same result; single diplotypes are rivals of each
    other.
    """
    if key in MEANING_UNKNOWN:
        return (MEANING_UNKNOWN,)
    if len(call.lookup_keys) == 1:
        phenotypes = set(call.phenotypes)
    else:
        phenotypes = {rule.phenotype for rule in (gene.rules if gene else ()) if rule.lookup_key == key}
    held = frozenset({key, *(phenotypes & asked)})
    pairs = call.recommendation_diplotypes if any(map(_of_diplotype, asked)) else ()
    return tuple(held | (_names_of(gene, pair) & asked) for pair in pairs) or (held,)


def _converted(key: str, conversion: Conversion, asked: frozenset[str]) -> frozenset[str]:
    """What an inhibited enzyme is looked up with: no diplotype, since it is not the diplotype that acts."""
    to = conversion.keys.get(key, key)
    if to in MEANING_UNKNOWN:
        return MEANING_UNKNOWN
    return frozenset({to, *({conversion.phenotypes.get(to, to)} & asked)})


def terms_of(gene: Gene | None, call: GeneCall | None) -> frozenset[str]:
    """Everything guidance may ask of a gene: key, phenotype or diplotype; `No Result` for one without any."""
    if call is None or not call.lookup_keys:
        return frozenset({NO_RESULT})
    pairs = (_names_of(gene, pair) for pair in call.recommendation_diplotypes)
    return frozenset((*call.lookup_keys, *call.phenotypes)).union(*pairs)


def _names_of(gene: Gene | None, pair: Diplotype) -> frozenset[str]:
    """A diplotype as guidance may name it: by its alleles, or by their activity values (`0.5 + 0.5`)."""
    values = {allele.name: allele.activity_value for allele in (gene.alleles if gene else ())}
    parts = sorted((values.get(pair.first, ""), values.get(pair.second or "", "")))
    return frozenset({str(pair), " + ".join(parts)}) if all(parts) else frozenset({str(pair)})


def most_specific(rows: Iterable[Guidance]) -> list[Guidance]:
    """The rows without those for a phenotype or a score where the same guideline speaks of the diplotype."""
    met = list(rows)
    special = {row.guidance_id for row in met if any(map(_of_diplotype, row.criteria.values()))}
    spoken = {row.citation for row in met if row.guidance_id in special}
    return [row for row in met if row.citation not in spoken or row.guidance_id in special]


def _of_diplotype(key: str) -> bool:
    return "/" in key or " + " in key


def hold_together(keys: Collection[str]) -> bool:
    """Whether several keys are answers about different alleles, which are true together, and not rivals."""
    answered = [_allele(key) for key in keys if is_presence(key)]
    return len(keys) > 1 and len(answered) == len(keys) == len(set(answered))


def is_presence(key: str) -> bool:
    """Whether a key says that an allele is there or is not (`*57:01 negative`)."""
    return key.endswith((" positive", " negative"))


def said(values: Iterable[str], keys: Collection[str]) -> str:
    """Results or meanings in one line: facts that hold together apart by semicolons, rivals by "or"."""
    return ("; " if hold_together(keys) else " or ").join(values)


def _allele(key: str) -> str:
    return key.rpartition(" ")[0] or key


def _presence(keys: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Answers to several presence tests hold together, unless two of them contradict each other about one
    allele.
    """
    answers: dict[str, list[str]] = {}
    for key in keys:
        answers.setdefault(_allele(key), []).append(key)
    candidates: list[frozenset[str]] = [frozenset()]
    for rivals in answers.values():
        candidates = [held | {key} for held in candidates for key in rivals]
    return tuple(candidates)
