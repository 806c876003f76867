"""The rows of a consumer's file as columns: name, place, letters, line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bedside.errors import Problem
from bedside.genome.genotypes import Notice
from bedside.genome.region import chromosome_name
from bedside.intake.consumer_layout import Layout, cells, collapsed
from bedside.knowledge.consumer_policy import ConsumerPolicy

_BASES = frozenset("ACGT")
_INDEL = frozenset("DI")
_LONGEST_NAME = 200
_NUMBERED = {"23": "X", "24": "Y", "25": "X", "26": "M", "XY": "X"}
"""How array software numbers what is no autosome; 25 and XY are the ends that X and Y share."""


@dataclass(slots=True)
class Markers:
    """All rows, in file order. chromosome and position are "" and 0 where the file does not place the marker;
    letters are "" for a no-call, else one or two of A, C, G, T, D, I, or two longer alleles with `/`."""

    names: list[str] = field(default_factory=list)
    chromosomes: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str, chromosome: str, position: int, letters: str, line: int) -> None:
        """One more row."""
        self.names.append(name)
        self.chromosomes.append(chromosome)
        self.positions.append(position)
        self.letters.append(letters)
        self.lines.append(line)

    @property
    def no_calls(self) -> int:
        """How many rows have no letters."""
        return self.letters.count("")


def read_rows(
    source: str,
    lines: Sequence[str],
    layout: Layout,
    policy: ConsumerPolicy,
    problems: list[Problem],
    notices: list[Notice],
) -> Markers:
    """Every row below the headings; a row that cannot be read is a problem, an odd one a notice."""
    markers = Markers()
    chromosomes: dict[str, str] = {}
    genotypes: dict[str, str | None] = {}
    where = [layout.columns[one] for one in ("genotype", "allele1", "allele2") if one in layout.columns]
    for number, line in enumerate(lines[layout.first :], start=layout.first + 1):
        if not line.strip() or line.startswith("#"):
            continue
        row = _row(line, layout)
        if row is None:
            reason = f"{len(cells(line, layout.separator))} cells where {layout.width} belong"
            problems.append(Problem(source, reason, number, "download the file again"))
            continue
        parts, mended = row
        if mended:
            notices.append(Notice("separators", "separators are repeated in this row", source, number))
        name, _, others = parts[layout.columns["name"]].partition(",")
        if not name.isprintable() or not 0 < len(name + others) <= _LONGEST_NAME:
            problems.append(Problem(source, "the marker's name is empty, too long or not printable", number))
            continue
        if others:
            notices.append(Notice("several-names", f"{name} has further names: {others}", source, number))
        written = "\t".join([parts[column] for column in where])
        if written not in genotypes:
            genotypes[written] = _letters(parts, layout, policy)
        letters = genotypes[written]
        place = _place(parts, layout, name, chromosomes)
        if letters is None:
            problems.append(Problem(source, "the genotype is not made of A, C, G, T, I or D", number))
        elif isinstance(place, str):
            problems.append(Problem(source, place, number))
        else:
            markers.add(name, *place, letters, number)
    if not len(markers) and not problems:
        problems.append(Problem(source, "holds headings but no marker", remedy="download it again"))
    _odd(source, markers, problems, notices)
    return markers


def _row(line: str, layout: Layout) -> tuple[list[str], bool] | None:
    """The cells of a row and whether repeated separators had to be seen past; None when there are too few or
    too many."""
    parts = cells(line, layout.separator)
    if len(parts) == layout.width:
        return parts, False
    mended = collapsed(line)
    return (mended, True) if len(mended) == layout.width else None


def _letters(parts: Sequence[str], layout: Layout, policy: ConsumerPolicy) -> str | None:
    """The letters of a genotype, "" for a no-call, None for what is no genotype. A half-call is a no-call."""
    columns = layout.columns
    if "genotype" in columns:
        text = parts[columns["genotype"]].upper()
        if text in policy.no_calls:
            return ""
        alleles = text.replace("|", "/").split("/") if "/" in text or "|" in text else list(text)
    else:
        alleles = [parts[columns["allele1"]].upper(), parts[columns["allele2"]].upper()]
    if any(allele in policy.no_calls for allele in alleles):
        return ""
    if not 1 <= len(alleles) <= 2 or any(set(a) - _BASES and a not in _INDEL for a in alleles):
        return None
    return ("" if all(len(allele) == 1 for allele in alleles) else "/").join(alleles)


def _place(
    parts: Sequence[str], layout: Layout, name: str, chromosomes: dict[str, str]
) -> tuple[str, int] | str:
    """Chromosome and position, `("", 0)` for an unplaced marker, or what is wrong with them."""
    if "chromosome" in layout.columns:
        chromosome, position = parts[layout.columns["chromosome"]], parts[layout.columns["position"]]
    else:
        chromosome, _, position = name.partition(":")
        if not position:
            return "", 0
    unplaced = ("", "-", "--", "0")
    if chromosome in unplaced or position in unplaced:
        return "", 0
    if chromosome not in chromosomes:
        try:
            chromosomes[chromosome] = chromosome_name(_NUMBERED.get(chromosome.upper(), chromosome))
        except ValueError:
            return "the chromosome is none of 1 to 22, X, Y and MT"
    if not (position.isascii() and position.isdecimal()):
        return "the position is not a whole number"
    return chromosomes[chromosome], int(position)


def _odd(source: str, markers: Markers, problems: list[Problem], notices: list[Notice]) -> None:
    """What a reader should know: no-calls, markers without a place, indels as I and D, single letters, and
    markers that stand in the file twice. The letters of a marker that contradicts itself are taken away."""
    letters = markers.letters
    _count(source, notices, "no-call", markers.no_calls, "have no call; that says nothing about the person")
    unplaced = sum(not chromosome for chromosome in markers.chromosomes)
    _count(source, notices, "unplaced", unplaced, "have no place in the genome and are not used")
    kinds = Counter(letters)
    indels = sum(number for text, number in kinds.items() if _INDEL & set(text))
    _count(source, notices, "indel", indels, "are insertions or deletions as I and D; no allele can be named")
    single = sum(number for text, number in kinds.items() if len(text) == 1)
    _count(source, notices, "haploid", single, "have one letter")
    first: dict[str, int] = {}
    at: dict[tuple[str, int], int] = {}
    for place, name in enumerate(markers.names):
        spot = (markers.chromosomes[place], markers.positions[place])
        before = first.setdefault(name, place)
        if before != place:
            _twice(source, markers, before, place, notices, f"{name} stands here and")
        elif spot[0] and at.setdefault(spot, place) != place:
            _twice(source, markers, at[spot], place, notices, f"{name} has the place of the marker")


def _twice(source: str, markers: Markers, before: int, place: int, notices: list[Notice], what: str) -> None:
    line = markers.lines[before]
    same_name = markers.names[before] == markers.names[place]
    moved = (markers.chromosomes[before], markers.positions[before]) != (
        markers.chromosomes[place],
        markers.positions[place],
    )
    if same_name and moved:
        code, reason = "discrepant-position", f"{what} in line {line} at another place; neither is used"
    elif sorted(markers.letters[before]) != sorted(markers.letters[place]):
        code, reason = "contradiction", f"{what} in line {line} with other letters; neither is used"
    else:
        notices.append(Notice("duplicate", f"{what} in line {line}", source, markers.lines[place]))
        return
    notices.append(Notice(code, reason, source, markers.lines[place]))
    markers.letters[before] = markers.letters[place] = ""


def _count(source: str, notices: list[Notice], code: str, number: int, reason: str) -> None:
    if number:
        notices.append(Notice(code, f"{number} markers {reason}", source))
