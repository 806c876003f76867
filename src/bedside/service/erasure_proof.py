"""What shows that a person's genome is gone, and what plainly remains."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bedside.store.encode import decode

REMAINS = (
    "the laboratory's document as it arrived: it is part of the medical record, which is kept by law and not "
    "by consent",
    "the results derived from it for care, unless they are withdrawn (`bedside withdraw`)",
    "the events of the ledger: that a genome was stored, by which digests, and that it was erased and why",
    "copies made outside this store: backups, exports and answers given before",
)


@dataclass(frozen=True, slots=True)
class Reasked:
    """A question that was asked again of the lake, and its answer in words."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class ErasureProof:
    """That a genome is gone. event, hash: the ledger's entry. generation: the lake's first without it. runs:
    what was erased. gone: digests of files that are no more. shared: files kept because somebody
    else's run has the same bytes (where an exome kit looked). asked_again: each question and its answer.
    document: sha256 of this proof as it is kept.
    """

    person: str
    reason: str
    event: int
    hash: str
    erased_at: str
    generation: int
    runs: tuple[str, ...]
    evidence: tuple[str, ...]
    gone: tuple[str, ...]
    shared: tuple[str, ...]
    asked_again: tuple[Reasked, ...]
    remains: tuple[str, ...] = REMAINS
    document: str = ""


def plain_proof(proof: ErasureProof) -> dict[str, Any]:
    """The proof as it is kept: plain values, without its own digest."""
    plain = asdict(proof)
    del plain["document"]
    return plain


def read_proof(content: bytes, document: str) -> ErasureProof:
    """The proof that a kept document holds."""
    plain = decode(content)
    lists = {name: tuple(plain[name]) for name in ("runs", "evidence", "gone", "shared", "remains")}
    asked = tuple(Reasked(**one) for one in plain["asked_again"])
    return ErasureProof(**{**plain, **lists, "asked_again": asked, "document": document})
