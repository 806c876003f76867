"""Limits of use that people set, in the terms of the GA4GH Data Use Ontology (DUO), and what they permit.

A limit or a use is written as its code, with the disease where the term has one: `DUO:0000007:MONDO:0007254`.
What a term permits is data (`knowledge/data/consent`); this only follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

_TERM = re.compile(r"(DUO:[0-9]{7})(?::(\S+))?")


class UseRefusal(Enum):
    """Why limits do not permit a use."""

    NOT_PERMITTED = "not-permitted"
    NOT_STATED = "not-stated"
    UNKNOWN = "unknown"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class DataUse:
    """One term. A permission permits the uses it names (`any_use`: also one that is not stated further); a
    modifier takes purposes or uses away, or sets a condition that is `met` here or cannot be checked."""

    code: str
    short: str
    label: str
    permission: bool
    permits: frozenset[str] = frozenset()
    any_use: bool = False
    with_disease: bool = False
    forbids_purposes: frozenset[str] = frozenset()
    forbids_uses: frozenset[str] = frozenset()
    met: bool = True


@dataclass(frozen=True, slots=True)
class DataUses:
    """The terms a site knows, by code."""

    terms: Mapping[str, DataUse] = field(default_factory=dict)

    def wrong(self, written: Iterable[str], *, asked: bool = False) -> tuple[str, ...]:
        """Those that are no term, lack the disease their term needs, or (when asked) are no permission."""
        return tuple(one for one in written if not self._fits(one, asked))

    def _fits(self, written: str, asked: bool) -> bool:
        term, disease = self._read(written)
        if term is None or (asked and not term.permission):
            return False
        return term.with_disease == bool(disease)

    def _read(self, written: str) -> tuple[DataUse | None, str]:
        found = _TERM.fullmatch(written)
        return (None, "") if found is None else (self.terms.get(found[1]), found[2] or "")

    def refusal(self, limits: Sequence[str], asked: str, purpose: str) -> UseRefusal | None:
        """Why the limits do not permit what is asked; None when they do. No limits permit everything; a term
        that is not known permits nothing."""
        wanted, disease = self._read(asked) if asked else (None, "")
        if asked and (wanted is None or wanted.with_disease != bool(disease)):
            return UseRefusal.UNKNOWN
        read = [self._read(limit) for limit in limits]
        terms = [term for term, _ in read if term is not None]
        if len(terms) < len(read):
            return UseRefusal.UNKNOWN
        refused = [_modified(term, wanted, purpose) for term in terms if not term.permission]
        if any(refused):
            return next(found for found in refused if found is not None)
        permissions = [(term, of) for term, of in read if term is not None and term.permission]
        if not permissions or any(_permits(term, of, wanted, disease) for term, of in permissions):
            return None
        return UseRefusal.NOT_STATED if wanted is None else UseRefusal.NOT_PERMITTED


def _modified(term: DataUse, wanted: DataUse | None, purpose: str) -> UseRefusal | None:
    if purpose in term.forbids_purposes:
        return UseRefusal.NOT_PERMITTED
    if not term.met:
        return UseRefusal.CONDITION
    if term.forbids_uses and wanted is None:
        return UseRefusal.NOT_STATED
    if wanted is not None and term.forbids_uses & (wanted.permits | {wanted.code}):
        return UseRefusal.NOT_PERMITTED
    return None


def _permits(term: DataUse, of: str, wanted: DataUse | None, disease: str) -> bool:
    if wanted is None:
        return term.any_use
    if wanted.code == term.code:
        return of == disease
    return wanted.code in term.permits
