"""What a person's genes let guidance be looked up with: usable keys, several candidates, or a named lack of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from bedside.decide.phenoconversion import Conversion
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import Lookup, PgxPack

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


def gather(
    pack: PgxPack, calls: Mapping[str, GeneCall], genes: Iterable[str], conversions: Iterable[Conversion] = ()
) -> Mapping[str, Evidence]:
    """The evidence of each gene; a gene without a call counts as not tested."""
    converted = {conversion.gene: conversion for conversion in conversions}
    return {gene: _evidence(pack, gene, calls.get(gene), converted.get(gene)) for gene in genes}


def _evidence(pack: PgxPack, gene: str, call: GeneCall | None, conversion: Conversion | None) -> Evidence:
    if call is None or call.status is CallStatus.NOT_TESTED:
        return Evidence(gene, Standing.NOT_TESTED, (frozenset({NO_RESULT}),), call)
    if call.status is CallStatus.NO_CALL:
        return Evidence(gene, Standing.NOT_CALLED, (frozenset({NO_RESULT}),), call)
    if (
        call.status is CallStatus.INDETERMINATE
        or not call.lookup_keys
        or set(call.lookup_keys) <= MEANING_UNKNOWN
    ):
        return Evidence(gene, Standing.INDETERMINATE, (MEANING_UNKNOWN,), call)
    keys = call.lookup_keys
    if conversion is not None:
        keys = tuple(dict.fromkeys(conversion.keys.get(key, key) for key in keys))
    known = pack.genes.get(gene)
    if known is not None and known.lookup is Lookup.ALLELE_PRESENCE:
        candidates = _presence(keys)
    else:
        candidates = tuple(MEANING_UNKNOWN if key in MEANING_UNKNOWN else frozenset({key}) for key in keys)
    return Evidence(gene, Standing.KNOWN, candidates, call, conversion)


def _presence(keys: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Answers to several presence tests hold together, unless two of them contradict each other about one
    allele.
    """
    answers: dict[str, list[str]] = {}
    for key in keys:
        answers.setdefault(key.rpartition(" ")[0] or key, []).append(key)
    candidates: list[frozenset[str]] = [frozenset()]
    for rivals in answers.values():
        candidates = [held | {key} for held in candidates for key in rivals]
    return tuple(candidates)
