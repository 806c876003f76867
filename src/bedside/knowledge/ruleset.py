"""One knowledge release and everything a site decides with, loaded together and named by one digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.genome.observation import digest
from bedside.knowledge.alert_policy import AlertPolicy, load_alert_policy
from bedside.knowledge.alternatives import TherapySlot, load_therapy_slots
from bedside.knowledge.drug_map import DrugIndex, index_drugs, load_drug_map
from bedside.knowledge.hook import Hook, OverrideReason, load_hooks, load_override_reasons
from bedside.knowledge.inhibitors import Inhibitors, load_inhibitors
from bedside.knowledge.order_set import OrderSet, load_order_sets
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.phrases import Phrases, load_phrases
from bedside.knowledge.provenance import DATA

TOP_LEVEL = "A"
"""The level at which CPIC holds that genetic information should be used."""

KINDS = (
    "phrases",
    "populations",
    "tiers",
    "inhibitors",
    "names",
    "drug_map",
    "alternatives",
    "hooks",
    "order_sets",
    "override_reasons",
    "alerts",
)
"""The kinds of rule files, each a folder under the knowledge data."""


@dataclass(frozen=True, slots=True, eq=False)
class Ruleset:
    """What a decision is made with. `name` tells one set of rules from another: the release, and the rules'
    digest.
    """

    pgx: PgxPack
    phrases: Phrases
    inhibitors: Inhibitors
    drugs: DrugIndex
    slots: tuple[TherapySlot, ...]
    hooks: Mapping[str, Hook]
    order_sets: Mapping[str, OrderSet]
    override_reasons: tuple[OverrideReason, ...]
    genes: Mapping[str, frozenset[str]]
    alerts: AlertPolicy
    sha256: str

    @property
    def name(self) -> str:
        """`cpic@2025-11-05#3f2a… rules#9c1d…`, and every further release that guidance comes from."""
        further = [str(one.release) for one in self.pgx.guidance_releases if one.release != self.pgx.release]
        return " ".join((str(self.pgx.release), f"rules#{self.sha256[:12]}", *further))


def load_ruleset(pgx: PgxPack, root: Path | None = None) -> Ruleset:
    """The shipped rules, with a site's own in their place where it has some; raises PackError."""
    drug_map = load_drug_map(root)
    return Ruleset(
        pgx=pgx,
        phrases=load_phrases(root=root),
        inhibitors=load_inhibitors(root),
        drugs=index_drugs(drug_map, pgx),
        slots=load_therapy_slots(root),
        hooks=load_hooks(root),
        order_sets=load_order_sets(root),
        override_reasons=load_override_reasons(root),
        genes=genes_by_drug(pgx),
        alerts=load_alert_policy(root),
        sha256=rules_digest(root),
    )


def genes_by_drug(pgx: PgxPack) -> Mapping[str, frozenset[str]]:
    """The genes that matter to each drug."""
    found: dict[str, set[str]] = {}
    for drug, rows in pgx.guidance.items():
        found.setdefault(drug, set()).update(gene for row in rows for gene in row.criteria)
    for pair in pgx.pairs:
        if pair.level == TOP_LEVEL:
            found.setdefault(pair.drug, set()).add(pair.gene)
    return {drug: frozenset(genes) for drug, genes in found.items()}


def rules_digest(root: Path | None = None) -> str:
    """sha256 over the bytes of every rule file and table, in order of name."""
    folders = [DATA] if root is None or root == DATA else [DATA, root]
    lines = [
        f"{path.relative_to(folder)} {digest(path.read_bytes())}"
        for folder in folders
        for kind in KINDS
        for path in sorted((folder / kind).rglob("*.t*"))
        if path.suffix in (".toml", ".tsv")
    ]
    return digest("\n".join(lines).encode())
