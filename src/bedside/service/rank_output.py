"""Rankings as text: a table, JSON with every term's weight, and PhEval's table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from bedside.genome.case import Case
from bedside.interpret.phenotype_rank import Ranked
from bedside.service.rank_cases import COLUMNS, Ranker, lines

Found = Iterable[tuple[Case, tuple[Ranked, ...]]]
PHEVAL = ("case", "rank", "score", "disease_identifier", "disease_name", "gene_symbol")


def tsv_lines(ranker: Ranker, found: Found) -> Iterator[str]:
    """A table with one line for each place."""
    yield "\t".join(COLUMNS)
    for case, places in found:
        for line in lines(ranker, case, places):
            yield "\t".join(line)


def pheval_lines(ranker: Ranker, found: Found) -> Iterator[str]:
    """PhEval's columns, all cases in one table."""
    yield "\t".join(PHEVAL)
    for case, places in found:
        for one in places:
            cells = (case.id, str(one.rank), f"{one.score:.6f}", one.disease, one.label, ",".join(one.genes))
            yield "\t".join(cells)


def json_lines(ranker: Ranker, found: Found) -> Iterator[str]:
    """One object a case: what it rests on, and for each place what every term adds and through what."""
    names = ranker.names
    for case, places in found:
        document = {
            "case": case.id,
            "release": ranker.release,
            "observed": [{"id": one, "label": names.get(one, "")} for one in case.observed],
            "excluded": [{"id": one, "label": names.get(one, "")} for one in case.excluded],
            "unknown_terms": [one.written or one.term for one in case.unknown],
            "places": [
                {
                    "rank": one.rank,
                    "id": one.id,
                    "label": one.label,
                    "genes": list(one.genes),
                    "disease": one.disease,
                    "score": round(one.score, 4),
                    "posterior": round(one.posterior, 6),
                    "borrowed": one.borrowed,
                    "terms": [
                        {
                            "id": part.term,
                            "label": names.get(part.term, ""),
                            "weight": round(part.weight, 4),
                            "through": ranker.scorer.through(part.term, one.disease),
                        }
                        for part in one.contributions
                    ],
                }
                for one in places
            ],
        }
        yield orjson.dumps(document).decode()
