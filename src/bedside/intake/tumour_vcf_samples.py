"""Which sample of a VCF is the tumour, whether it has an allele, and in how many reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bedside.errors import Problem

_NAMED = re.compile(r"##(tumor_sample|tumour_sample|normal_sample)=(.+)")
_PEDIGREE = re.compile(r"##PEDIGREE=<(.*)>")
_SAMPLE = re.compile(r"##SAMPLE=<(.*)>")
_PAIR = re.compile(r'([A-Za-z_]+)=("[^"]*"|[^,]*)')
_TUMOUR, _NORMAL = frozenset({"tumor", "tumour"}), frozenset({"normal", "control"})
TOLERATED = 0.02
"""Share of the normal's reads up to which an allele is put down to tumour cells or noise in it."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The tumour sample, and the normal one or ""."""

    tumour: str
    normal: str


def choose(
    source: str, lines: Sequence[str], samples: tuple[str, ...], asked: str, problems: list[Problem]
) -> Chosen | None:
    """The samples: as asked for, else as the header says, else the only one. Never by their order."""
    tumours, normals = _header(lines, samples)
    tumours |= {one for one in samples if one.casefold() in _TUMOUR}
    normals |= {one for one in samples if one.casefold() in _NORMAL}
    if asked:
        if asked not in samples:
            problems.append(Problem("--sample", f"is none of the {len(samples)} samples of {source}"))
            return None
        tumours = {asked}
    elif not tumours and len(samples) == 1:
        tumours = set(samples)
    elif not tumours and len(set(samples) - normals) == 1 and normals:
        tumours = set(samples) - normals
    if len(tumours) != 1:
        said = (
            "the header does not say which sample is the tumour" if not tumours else "two samples are tumours"
        )
        problems.append(Problem(source, said, remedy="name it with --sample"))
        return None
    (tumour,) = tumours
    normals -= {tumour}
    if not normals and len(samples) == 2 and asked:
        normals = set(samples) - {asked} if not _header(lines, samples)[0] else set()
    return Chosen(tumour, normals.pop() if len(normals) == 1 else "")


def _header(lines: Sequence[str], samples: tuple[str, ...]) -> tuple[set[str], set[str]]:
    tumours, normals = set[str](), set[str]()
    for line in lines:
        if (found := _NAMED.fullmatch(line.strip())) is not None:
            (normals if found[1] == "normal_sample" else tumours).add(found[2].strip())
        elif (found := _PEDIGREE.fullmatch(line.strip())) is not None:
            pairs = {key: value.strip('"') for key, value in _PAIR.findall(found[1])}
            tumours.add(pairs.get("Derived", ""))
            normals.add(pairs.get("Original", ""))
        elif (found := _SAMPLE.fullmatch(line.strip())) is not None:
            pairs = {key: value.strip('"') for key, value in _PAIR.findall(found[1])}
            kind = f"{pairs.get('ID', '')} {pairs.get('Description', '')}".casefold()
            names = {pairs.get("ID", ""), pairs.get("SampleName", "")}
            if any(word in kind for word in _TUMOUR):
                tumours |= names
            elif any(word in kind for word in _NORMAL):
                normals |= names
    return tumours & set(samples), normals & set(samples)


def called(record: Any, sample: str, place: int) -> bool | None:
    """Whether a sample has an allele: by its genotype, else by its reads; None where neither says."""
    entry = record.samples[sample]
    genotype = entry.get("GT")
    vaf, _ = counts(record, sample, place)
    if genotype is not None and any(one is not None for one in genotype):
        return place in genotype
    return None if vaf is None else vaf > TOLERATED


def counts(record: Any, sample: str, place: int) -> tuple[float | None, int | None]:
    """The share of reads with an allele, and the depth: from AF, AD and DP, or from Strelka's tiers."""
    entry = record.samples[sample]
    depth = _whole(_value(entry, "DP"))
    share = _at(_value(entry, "AF"), place - 1)
    if share is None:
        share = _at(_value(entry, "FREQ"), place - 1)
    reads = _value(entry, "AD")
    if isinstance(reads, tuple) and len(reads) > place and all(isinstance(one, int) for one in reads):
        total = sum(reads)
        depth = total if depth is None else depth
        if share is None and total:
            share = reads[place] / total
    if share is None:
        share, depth = _strelka(entry, record, place, depth)
    return (share if share is not None and 0 <= share <= 1 else None), depth


def _strelka(entry: Any, record: Any, place: int, depth: int | None) -> tuple[float | None, int | None]:
    alternate = record.alts[place - 1]
    names = ("TAR", "TIR") if "TIR" in entry else (f"{record.ref}U", f"{alternate}U")
    old, new = (_at(_value(entry, name), 0) for name in names)
    if old is None or new is None or not old + new:
        return None, depth
    return new / (old + new), depth


def _value(entry: Any, name: str) -> Any:
    try:
        return entry.get(name)
    except (KeyError, ValueError):
        return None


def _at(value: Any, place: int) -> float | None:
    if isinstance(value, tuple):
        value = value[place] if place < len(value) else None
    if isinstance(value, str) and value.endswith("%"):
        try:
            return float(value[:-1]) / 100
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else None
