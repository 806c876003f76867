"""What a test could and could not see."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.genome.locus import Build, Locus


@dataclass(frozen=True, slots=True)
class Assay:
    """A method on a build, the positions it looked at, those it could not call, and its stated limits."""

    method: str
    build: Build | None
    positions_tested: int
    positions_not_tested: tuple[Locus, ...] = ()
    positions_not_callable: tuple[Locus, ...] = ()
    limits: tuple[str, ...] = ()
