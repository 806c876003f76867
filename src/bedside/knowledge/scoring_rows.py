"""The rows of a scoring file: place, alleles, and what each number of copies adds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bedside.errors import Problem
from bedside.genome.region import CHROMOSOME_NUMBER, chromosome_name

_BASES = frozenset("ACGT")
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", "", "na", "nan"})
_REFUSED = ("is_haplotype", "is_diplotype", "is_interaction")
_DOSAGES = ("dosage_0_weight", "dosage_1_weight", "dosage_2_weight")
_MISSING = frozenset({"", "NA", "NaN", "nan", "."})
_NUMBER_OF_X_Y = {"23": "X", "24": "Y"}

Weights = tuple[float, float, float]


class Placing(IntEnum):
    """Whether a variant can be looked for in a genome, and why not."""

    PLACED = 0
    NO_PLACE = 1
    OTHER_CONTIG = 2
    NO_BASES = 3


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One variant of a score. accession: of which score, where the table has a column for it."""

    line: int
    chromosome: int
    position: int
    effect: str
    other: str
    weights: Weights
    placing: Placing
    accession: str = ""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows of a table with these columns; harmonised places stand before the authors' own."""

    source: str
    columns: Mapping[str, int]
    width: int
    harmonised: bool

    @classmethod
    def of(cls, source: str, columns: Sequence[str], line: int, problems: list[Problem]) -> RowReader | None:
        """The reader; None with the reasons added to `problems` when a column is lacking or stands twice."""
        places = {name.strip().lower(): place for place, name in enumerate(columns)}
        harmonised = {"hm_chr", "hm_pos"} <= places.keys()
        placed = harmonised or {"chr_name", "chr_position"} <= places.keys()
        weighted = "effect_weight" in places or set(_DOSAGES) <= places.keys()
        before = len(problems)
        if len(places) != len(columns):
            problems.append(Problem(source, "two columns have the same name", line))
        if "effect_allele" not in places:
            problems.append(Problem(source, "no column effect_allele", line))
        if not weighted:
            problems.append(Problem(source, "no column effect_weight nor dosage_0_weight to 2", line))
        if not placed:
            problems.append(
                Problem(
                    source,
                    "no places (chr_name and chr_position)",
                    line,
                    "use the harmonised file (hmPOS) of the same score",
                )
            )
        if len(problems) > before:
            return None
        return cls(source, places, len(columns), harmonised)

    def read(self, cells: Sequence[str], line: int, problems: list[Problem]) -> ScoreRow | None:
        """A row; None with the reasons added to `problems`."""
        if len(cells) != self.width:
            reason = f"{len(cells)} cells where {self.width} belong"
            problems.append(Problem(self.source, reason, line))
            return None
        before = len(problems)
        for name in _REFUSED:
            if self._flag(cells, name, line, problems):
                reason = f"{name} is true: combinations of variants cannot be scored"
                problems.append(Problem(self.source, reason, line, "use another score"))
        effect = self._cell(cells, "effect_allele").upper()
        other = self._cell(cells, "other_allele").upper()
        if " X " in effect or "_X_" in effect:
            problems.append(Problem(self.source, "an interaction of variants cannot be scored", line))
        other = "" if other in _MISSING else other
        weights = self._weights(cells, line, problems)
        where = self._place(cells, line, problems)
        if len(problems) > before or weights is None or where is None:
            return None
        chromosome, position, placing = where
        if placing is Placing.PLACED and (set(effect) - _BASES or not effect or set(other) - _BASES):
            placing = Placing.NO_BASES
        if effect == other and placing is Placing.PLACED:
            problems.append(Problem(self.source, "effect and other allele are the same", line))
            return None
        accession = self._cell(cells, "accession")
        return ScoreRow(line, chromosome, position, effect, other, weights, placing, accession)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self.columns.get(name)
        return "" if place is None else cells[place].strip()

    def _flag(self, cells: Sequence[str], name: str, line: int, problems: list[Problem]) -> bool:
        word = self._cell(cells, name).lower()
        if word not in _TRUE | _FALSE:
            problems.append(Problem(self.source, f"{name} is neither true nor false", line))
        return word in _TRUE

    def _weights(self, cells: Sequence[str], line: int, problems: list[Problem]) -> Weights | None:
        """What 0, 1 and 2 copies add: as the dosage columns say, else one weight under the row's model."""
        if all(self._cell(cells, name) not in _MISSING for name in _DOSAGES):
            none, one, two = (self._number(cells, name, line, problems) for name in _DOSAGES)
            return None if none is None or one is None or two is None else (none, one, two)
        weight = self._number(cells, "effect_weight", line, problems)
        dominant = self._flag(cells, "is_dominant", line, problems)
        recessive = self._flag(cells, "is_recessive", line, problems)
        model = self._cell(cells, "effect_type").lower()
        if model not in ("", "additive", "dominant", "recessive"):
            problems.append(Problem(self.source, f"effect_type {model!r} cannot be scored", line))
            return None
        dominant, recessive = dominant or model == "dominant", recessive or model == "recessive"
        if dominant and recessive:
            problems.append(Problem(self.source, "the effect is both dominant and recessive", line))
        if weight is None:
            return None
        return (0.0, 0.0 if recessive else weight, weight if dominant or recessive else 2 * weight)

    def _number(self, cells: Sequence[str], name: str, line: int, problems: list[Problem]) -> float | None:
        try:
            value = float(self._cell(cells, name))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            problems.append(Problem(self.source, f"{name} is not a number", line))
            return None
        return value

    def _place(
        self, cells: Sequence[str], line: int, problems: list[Problem]
    ) -> tuple[int, int, Placing] | None:
        names = ("hm_chr", "hm_pos") if self.harmonised else ("chr_name", "chr_position")
        chromosome, position = (self._cell(cells, name) for name in names)
        if chromosome in _MISSING or position in _MISSING:
            return 0, 0, Placing.NO_PLACE
        if not (position.isascii() and position.isdecimal() and 0 < int(position) < 1 << 28):
            problems.append(Problem(self.source, f"{names[1]} is no position", line))
            return None
        try:
            name = chromosome_name(_NUMBER_OF_X_Y.get(chromosome, chromosome))
        except ValueError:
            return 0, int(position), Placing.OTHER_CONTIG
        return CHROMOSOME_NUMBER[name], int(position), Placing.PLACED
