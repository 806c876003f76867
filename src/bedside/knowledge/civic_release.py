"""A site's releases of CIViC: `sources/civic/<date>/`, written whole or not at all."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.citation import Release
from bedside.genome.observation import digest
from bedside.knowledge.catalogue import find_release, open_pack
from bedside.knowledge.civic import Evidence, Says, load_civic_terms, read_civic
from bedside.knowledge.keep_release import checked_day, keep_release
from bedside.knowledge.table import parse_table

NAME, KIND, TABLE = "civic", "civic", "evidence.tsv"
COLUMNS = (
    "id", "gene", "variant", "disease", "drugs", "together", "says", "level", "germline", "flagged",
    "citation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CivicRelease:
    """A release and its evidence; left_out: of the file it was made from, how many rows for each reason."""

    release: Release
    evidence: tuple[Evidence, ...]
    left_out: Mapping[str, int]


def add_civic(path: Path, root: Path, day: str) -> CivicRelease:
    """CIViC's file as a release of that day under `root`; the same file again is the release that is there.

    Raises PackError with every problem; then nothing is stored.
    """
    checked_day(path.name, day, "write --date 2026-10-01")
    try:
        content = path.read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as error:
        raise PackError.one(path.name, "cannot be read", remedy="check the path and the file") from error
    read = read_civic(path.name, content, load_civic_terms(root if root.is_dir() else None))
    table = _table(read.evidence)
    folder = root / "sources" / NAME / day
    if folder.exists():
        held = load_civic(day, root)
        if held.evidence != read.evidence:
            remedy = f"remove {NAME}/{day} if it is wrong; answers that name it then cannot be replayed"
            raise PackError.one(f"{NAME}@{day}", "is there, and says something else", remedy=remedy)
        return CivicRelease(held.release, held.evidence, read.left_out)
    keep_release(folder, {TABLE: table, "source.toml": _description(day, digest(table)).encode()})
    held = load_civic(day, root)
    return CivicRelease(held.release, held.evidence, read.left_out)


def load_civic(day: str | None, root: Path | None) -> CivicRelease:
    """The release of a day, or the newest; raises PackError when it is not there or not whole."""
    pack = open_pack(find_release(NAME, day, root))
    if pack.info.source.kind != KIND:
        raise PackError.one(f"{NAME}@{day}", f"is of kind {pack.info.source.kind!r}, not {KIND!r}")
    problems: list[Problem] = []
    rows = parse_table(TABLE, pack.files[TABLE], COLUMNS, problems)
    if problems:
        raise PackError(problems)
    found = tuple(
        Evidence(
            int(row["id"]), row["gene"], row["variant"], row["disease"], tuple(row["drugs"].split(";")),
            row["together"] == "yes", Says(row["says"]), row["level"], row["germline"] == "yes",
            row["flagged"] == "yes", row["citation"],
        )
        for row in rows
    )  # fmt: skip
    return CivicRelease(pack.info.release, found, {})


def _table(evidence: Iterable[Evidence]) -> bytes:
    lines = ["\t".join(COLUMNS)]
    for one in evidence:
        cells = (
            str(one.number), one.gene, one.variant, one.disease, ";".join(one.drugs), _yes(one.together),
            one.says.value, one.level, _yes(one.germline), _yes(one.flagged), one.citation,
        )  # fmt: skip
        lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode()


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _description(day: str, sha256: str) -> str:
    return "\n".join(
        (
            f'kind = "{KIND}"',
            f'name = "{NAME}"',
            f'date = "{day}"',
            f'title = "CIViC predictive evidence of {day}, as published"',
            'owner = "this site"',
            'licence = "CC0-1.0"',
            'url = "https://civicdb.org/releases"',
            f'version = "{day}"',
            f'retrieved = "{day}"',
            'review_state = "as CIViC publishes it; not otherwise reviewed by this site"',
            'review_due = "9999-12-31"',
            'evidence_level = "review"',
            'approval = { state = "awaiting", role = "molecular tumour board" }',
            'made_by = "bedside knowledge add civic"',
            'attribution = "CIViC, Washington University"',
            "",
            "[tables.evidence]",
            f'file = "{TABLE}"',
            f'sha256 = "{sha256}"',
            f'retrieved = "{day}"',
            'origin = "CIViC ClinicalEvidenceSummaries.tsv"',
            "",
        )
    )
