"""Which of ClinVar's layouts a file is in, told from its header and first record, never from its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from bedside.errors import PackError
from bedside.genome.locus import Build
from bedside.knowledge.clinvar import read_official, read_older, read_summary
from bedside.knowledge.clinvar.facts import WordsOf
from bedside.knowledge.clinvar.text_fields import Block

_REMEDY = "give clinvar.vcf.gz or variant_summary.txt.gz as NCBI publishes them"


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout, and what the header says: the release's date and build, None where it does not.

    read: a block of lines → the common columns; rows of another build are not in them. coded: the
    classifications are numbers. reviewed: there is a review status.
    """

    name: str
    read: Callable[[str, Block, WordsOf, Build], pl.DataFrame]
    date: str | None = None
    build: Build | None = None
    several_builds: bool = False
    coded: bool = False
    reviewed: bool = True


def layout_of(where: str, header: tuple[str, ...], first: str = "") -> Layout:
    """The layout of a file with this header and this first record; raises PackError for one not known."""
    columns = header[-1].split("\t") if header else []
    if columns[:2] == ["#CHROM", "POS"]:
        return _vcf(where, header, first)
    if columns[:1] in (["#AlleleID"], ["AlleleID"]):
        place = read_summary.places(where, columns)
        return Layout("variant_summary", read_summary.reader(place, len(columns)), several_builds=True)
    if columns == list(read_older.MONTHLY_COLUMNS):
        return Layout("monthly table", read_older.read_monthly, coded=True, reviewed=False)
    raise PackError.one(where, "no layout of ClinVar that is known here", line=1, remedy=_REMEDY)


def _vcf(where: str, header: tuple[str, ...], first: str) -> Layout:
    text = "\n".join(header)
    if "MEASURESET_ID" in text and "CLINICAL_SIGNIFICANCE" in text:
        return Layout("VCF with MEASURESET_ID (2015-2016)", read_older.read_measure_sets)
    if "##INFO=<ID=CLNALLE," in text or "##INFO=<ID=CLNDBN," in text:
        reason = "the official VCF layout before 2017-09 (CLNALLE, numbers of dbSNP) is not read"
        raise PackError.one(where, reason, remedy="give variant_summary.txt.gz of that month")
    declared = all(f"##INFO=<ID={key}," in text for key in ("CLNSIG", "CLNREVSTAT"))
    said = all(re.search(rf"[\t;]{key}=", first) for key in ("CLNSIG", "CLNREVSTAT"))
    if not (declared or said):
        raise PackError.one(where, "a VCF, but not ClinVar's: no CLNSIG and CLNREVSTAT", remedy=_REMEDY)
    date = re.search(r"^##fileDate=(\d{4}-\d{2}-\d{2})\s*$", text, re.MULTILINE)
    reference = re.search(r"^##reference=(\S+)", text, re.MULTILINE)
    build = None if reference is None else _build(where, reference[1])
    return Layout("official VCF", read_official.read, date[1] if date else None, build)


def _build(where: str, reference: str) -> Build:
    for build, names in ((Build.GRCH38, ("GRCh38", "hg38")), (Build.GRCH37, ("GRCh37", "hg19"))):
        if any(name.lower() in reference.lower() for name in names):
            return build
    raise PackError.one(where, f"##reference={reference} is neither GRCh38 nor GRCh37", remedy=_REMEDY)
