"""What knowledge is at hand, with licence, date, digest, owner and review state: releases of facts, files
of rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.errors import SettingsError
from bedside.knowledge.catalogue import open_pack
from bedside.knowledge.clinvar.keep import releases_root
from bedside.knowledge.provenance import DATA, rule_files
from bedside.service.house import House

RULES = (
    "phrases", "tiers", "populations", "inhibitors", "alternatives", "drug_map", "hooks",
    "override_reasons", "order_sets", "intake", "names", "terminology",
)  # fmt: skip
"""The kinds of rules that prescribing rests on, which come first."""
SOURCES = "sources"
"""The folder of dated releases."""


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """One release of facts or file of rules. in_use: whether the record is read under it now."""

    kind: str
    name: str
    title: str
    date: str
    licence: str
    owner: str
    origin: str
    review_state: str
    review_due: str
    sha256: str
    in_use: bool = False


def facts(house: House) -> tuple[ShelfItem, ...]:
    """Every dated release at hand, of whatever kind; those in use first."""
    roots = filter(None, (DATA, _own(house)))
    folders = (path.parent for root in roots for path in sorted(root.rglob("source.toml")))
    found = [open_pack(folder).info for folder in folders]
    in_use = {one.release for one in house.pgx.guidance_releases} | {house.pgx.release}
    items = [
        ShelfItem(
            info.source.kind,
            info.source.name,
            info.source.title,
            info.source.date,
            info.source.licence,
            info.source.owner,
            info.source.version,
            info.source.review_state,
            info.source.review_due,
            info.sha256,
            info.release in in_use or str(info.release) == house.ledger.release(info.source.name),
        )
        for info in found
    ]
    return tuple(sorted(items, key=lambda item: (not item.in_use, item.name, item.date)))


def _own(house: House) -> Path | None:
    """The folder of this site's own releases; None where it has none."""
    try:
        folder = releases_root(house.settings)
    except SettingsError:
        return None
    return folder if folder.is_dir() else None


def rules(house: House) -> tuple[ShelfItem, ...]:
    """Every file of rules and words at hand, by kind."""
    root = house.settings.knowledge_folder
    folders = {path.name for base in (DATA, root) if base for path in base.iterdir() if path.is_dir()}
    return tuple(
        ShelfItem(
            p.kind,
            p.name,
            p.title,
            p.retrieved.isoformat(),
            p.licence,
            p.owner,
            p.source,
            p.review_state,
            p.review_due.isoformat(),
            p.sha256,
            True,
        )
        for kind in (*(kind for kind in RULES if kind in folders), *sorted(folders - {*RULES, SOURCES}))
        for p in (file.provenance for file in rule_files(kind, root))
    )
