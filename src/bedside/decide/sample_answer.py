"""Everything one sample or person was answered: calls and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.decide.recommendation import Recommendation
from bedside.interpret.gene_call import GeneCall


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """The sample or person as the file or record names them; one call a gene; what guidance says."""

    name: str
    calls: tuple[GeneCall, ...]
    recommendations: tuple[Recommendation, ...] = ()
