"""A site's releases of gene-disease validity: `sources/clingen/<date>/`, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError
from bedside.genome.citation import Release
from bedside.genome.observation import digest
from bedside.knowledge.catalogue import find_release, open_pack
from bedside.knowledge.gene_validity import Claim, Pair, read_validity
from bedside.knowledge.keep_release import checked_day, keep_release

NAME, KIND, TABLE = "clingen", "gene-validity", "validity.tsv"
_HEADER = "gene_name\tdisease_label\tmondo_disease_id\tclassification"


@dataclass(frozen=True, slots=True)
class ValidityRelease:
    """A release and its claims."""

    release: Release
    claims: Mapping[Pair, Claim]


def add_validity(path: Path, root: Path, day: str) -> ValidityRelease:
    """ClinGen's file as a release of that day under `root`; the same file again is the release that is there.

    Raises PackError with every problem; then nothing is stored.
    """
    checked_day(path.name, day, "write --release 2026-02-26")
    try:
        claims = read_validity(path.name, path.read_bytes())
    except OSError as error:
        raise PackError.one(path.name, "cannot be read", remedy="check the path and the rights") from error
    table = _table(claims)
    folder = root / "sources" / NAME / day
    if folder.exists():
        held = load_validity(day, root)
        if dict(held.claims) != dict(claims):
            remedy = f"remove {NAME}/{day} if it is wrong; answers that name it then cannot be replayed"
            raise PackError.one(f"{NAME}@{day}", "is there, and says something else", remedy=remedy)
        return held
    keep_release(folder, {TABLE: table, "source.toml": _description(day, digest(table)).encode()})
    return load_validity(day, root)


def load_validity(day: str | None, root: Path | None) -> ValidityRelease:
    """The release of a day, or the newest; raises PackError when it is not there or not whole."""
    pack = open_pack(find_release(NAME, day, root))
    if pack.info.source.kind != KIND:
        raise PackError.one(f"{NAME}@{day}", f"is of kind {pack.info.source.kind!r}, not {KIND!r}")
    return ValidityRelease(pack.info.release, read_validity(TABLE, pack.files[TABLE]))


def _table(claims: Mapping[Pair, Claim]) -> bytes:
    rows = [
        "\t".join((pair.gene, claim.disease.replace("\t", " "), pair.mondo, claim.validity.value))
        for pair, claim in sorted(claims.items())
    ]
    return ("\n".join([_HEADER, *rows]) + "\n").encode()


def _description(day: str, sha256: str) -> str:
    return "\n".join(
        (
            f'kind = "{KIND}"',
            f'name = "{NAME}"',
            f'date = "{day}"',
            f'title = "ClinGen gene-disease validity of {day}, as published"',
            'owner = "this site"',
            'licence = "CC0-1.0"',
            'url = "https://search.clinicalgenome.org/kb/gene-validity"',
            f'version = "{day}"',
            f'retrieved = "{day}"',
            'review_state = "as ClinGen publishes it; not otherwise reviewed by this site"',
            'review_due = "9999-12-31"',
            'evidence_level = "consensus"',
            'approval = { state = "awaiting", role = "clinical geneticist" }',
            'made_by = "bedside knowledge add clingen"',
            "",
            "[tables.validity]",
            f'file = "{TABLE}"',
            f'sha256 = "{sha256}"',
            f'retrieved = "{day}"',
            'origin = "ClinGen gene-disease validity summary"',
            "",
        )
    )
