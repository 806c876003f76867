"""Calls and recommendations as one JSON document, written person by person; each distinct text is made
once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import orjson

from bedside.decide.recommendation import Recommendation
from bedside.exchange.pgx_fields import gene_fields, knowledge, recommendation_fields
from bedside.interpret.call_people import PeopleCalls
from bedside.knowledge.pgx import PgxPack

RecommendationsOf = Callable[[int], Sequence[Recommendation]]
_PEOPLE_AT_ONCE = 256


def write_json(
    people: PeopleCalls, pack: PgxPack, recommendations: RecommendationsOf | None, out: BinaryIO
) -> None:
    """`recommendations` answers for the person of a number; None: not asked for, the list is empty."""
    genes = [(people.index[gene].tolist(), [orjson.dumps(gene_fields(call)) for call in people.calls[gene]])
             for gene in people.genes]  # fmt: skip
    guidance = _Texts(recommendations) if recommendations is not None else None
    out.write(b'{"knowledge":' + orjson.dumps(knowledge(pack)) + b',"samples":[')
    waiting: list[bytes] = []
    for person, sample in enumerate(people.samples):
        text = b'{"sample":' + orjson.dumps(sample) + b',"genes":['
        text += b",".join([texts[index[person]] for index, texts in genes]) + b"]"
        text += b',"recommendations":[' + (guidance.of(person) if guidance else b"") + b"]"
        waiting.append((b",\n" if person else b"\n") + text + b"}")
        if len(waiting) == _PEOPLE_AT_ONCE:
            out.write(b"".join(waiting))
            waiting.clear()
    out.write(b"".join(waiting) + b"\n]}\n")


class _Texts:
    """The text of each recommendation, made once. A recommendation is kept so that its identity stays its
    own.
    """

    def __init__(self, recommendations: RecommendationsOf) -> None:
        self.recommendations = recommendations
        self.known: dict[int, tuple[Recommendation, bytes]] = {}

    def of(self, person: int) -> bytes:
        return b",".join([self._text(recommendation) for recommendation in self.recommendations(person)])

    def _text(self, recommendation: Recommendation) -> bytes:
        found = self.known.get(id(recommendation))
        if found is None:
            found = recommendation, orjson.dumps(recommendation_fields(recommendation))
            self.known[id(recommendation)] = found
        return found[1]
