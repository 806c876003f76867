"""What a person's genes let guidance be looked up with: usable keys, several candidates, or a named lack of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from bedside.decide.phenoconversion import Conversion
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import Guidance, Lookup, PgxPack

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
    keys = call.lookup_keys
    if call.status is CallStatus.INDETERMINATE or not keys or set(keys) <= MEANING_UNKNOWN:
        return Evidence(gene, Standing.INDETERMINATE, (MEANING_UNKNOWN,), call)
    known = pack.genes.get(gene)
    if known is not None and known.lookup is Lookup.ALLELE_PRESENCE:
        alleles = {_allele(key) for key in asked - RESERVED}
        keys = tuple(key for key in keys if _allele(key) in alleles)
        if not keys:
            return Evidence(gene, Standing.NOT_TESTED, (frozenset({NO_RESULT}),), call)
        return Evidence(gene, Standing.KNOWN, _presence(keys), call)
    if conversion is not None:
        keys = tuple(dict.fromkeys(conversion.keys.get(key, key) for key in keys))
    candidates = tuple(MEANING_UNKNOWN if key in MEANING_UNKNOWN else frozenset({key}) for key in keys)
    return Evidence(gene, Standing.KNOWN, tuple(dict.fromkeys(candidates)), call, conversion)


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
