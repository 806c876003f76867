"""A family as a PED file: family, person, father, mother, sex, affected."""

from __future__ import annotations

from pathlib import Path

from bedside.errors import IntakeError, Problem
from bedside.genome.pedigree import Member, pedigree
from bedside.genome.person import Sex
from bedside.genome.rare_variant import Affected, RareFamily
from bedside.intake.compression import lines

_SEX = {"1": Sex.MALE, "2": Sex.FEMALE}
_AFFECTED = {"1": Affected.NO, "2": Affected.YES}
_NOBODY = ("0", ".", "")


def read_ped(path: Path, samples: tuple[str, ...], proband: str = "") -> RareFamily:
    """The family of the file around its child. samples: who is in the VCF. proband: the child's id; without
    it the only affected member with a sample. Raises `IntakeError` with every problem."""
    problems: list[Problem] = []
    members: dict[str, Member] = {}
    affected: dict[str, Affected] = {}
    families: set[str] = set()
    for number, raw in enumerate(lines(path), start=1):
        text = raw.decode("utf-8", "replace").strip()
        if not text or text.startswith("#"):
            continue
        cells = text.split("\t") if "\t" in text else text.split()
        if len(cells) < 6:
            problems.append(Problem(path.name, "a line has six columns or more", number))
            continue
        family, name, father, mother, sex, status = (cell.strip() for cell in cells[:6])
        if name in members:
            problems.append(Problem(path.name, "names a person a second time", number))
        families.add(family)
        by, of = ("" if one in _NOBODY else one for one in (mother, father))
        members[name] = Member(name, _SEX.get(sex, Sex.UNKNOWN), by, of)
        affected[name] = _AFFECTED.get(status, Affected.UNKNOWN)
    if len(families) > 1:
        problems.append(Problem(path.name, "holds more than one family", remedy="give one family"))
    if not members and not problems:
        problems.append(Problem(path.name, "holds no person"))
    if problems:
        raise IntakeError(problems)
    for name in {p for one in members.values() for p in (one.mother, one.father) if p} - set(members):
        members[name] = Member(name)
    drawn = pedigree(tuple(members.values()))
    child = proband or _only_affected(path.name, affected, samples)
    if child not in members or child not in samples:
        raise IntakeError.one(
            path.name, "the child is not both in the family and among the VCF's samples", remedy="--proband"
        )
    return RareFamily(child, drawn, affected, frozenset(members) & frozenset(samples))


def family_of_one(sample: str, sex: Sex = Sex.UNKNOWN) -> RareFamily:
    """A child of whose family nothing is known."""
    drawn = pedigree((Member(sample, sex),))
    return RareFamily(sample, drawn, {sample: Affected.YES}, frozenset({sample}))


def _only_affected(source: str, affected: dict[str, Affected], samples: tuple[str, ...]) -> str:
    ill = [name for name, status in affected.items() if status is Affected.YES and name in samples]
    if len(ill) != 1:
        reason = f"{len(ill)} of the affected have a sample: which is the child is not plain"
        raise IntakeError.one(source, reason, remedy="name the child with --proband")
    return ill[0]
