"""What a VCF of a tumour calls, before it is said which genes it touches."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.genome.locus import Build
from bedside.genome.tumour import SmallVariant


@dataclass(frozen=True, slots=True)
class Breakend:
    """One end of a join. keeps_left: the bases up to the place are kept, else those from it on. other,
    place: where it goes on, "" and None where nobody said; other_left: of the other end the bases up to
    its place are kept."""

    name: str
    mate: str
    chromosome: str
    position: int
    keeps_left: bool
    other: str
    place: int | None
    other_left: bool
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class CopyCall:
    """A stretch with its copies; None where only its direction is said (`DUP`, `DEL`)."""

    chromosome: str
    start: int
    end: int
    copies: float | None
    kind: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A deletion, duplication, insertion or inversion by symbol. tandem: said to stand beside what it
    repeats; length: of what is put in or taken out, None where nobody said."""

    chromosome: str
    start: int
    end: int
    kind: str
    tandem: bool
    length: int | None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class TumourCalls:
    """Everything that was called in one tumour sample. The small variants name no gene yet. filtered:
    records that the caller filtered; normal: the name of the normal sample, "" where there is none."""

    sample: str
    build: Build
    small: tuple[SmallVariant, ...]
    breakends: tuple[Breakend, ...]
    copies: tuple[CopyCall, ...]
    events: tuple[Event, ...]
    filtered: int
    normal: str
