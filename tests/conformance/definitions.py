"""A definition file of PharmCAT's suite → a `Gene`; functions and rules come from the pack's gene."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bedside.knowledge.pgx import Gene, NamedAllele, Position


def read_definition(path: Path, like: Gene) -> Gene:
    """The gene that the file defines, otherwise like the pack's gene of the same name."""
    document = json.loads(path.read_text(encoding="utf-8"))
    known = {position.position: position for position in like.positions}
    positions = tuple(_position(document, variant, known) for variant in document["variants"])
    functions = {allele.name: allele for allele in like.alleles}
    alleles = tuple(
        NamedAllele(
            gene=like.symbol,
            name=entry["name"],
            bases=tuple(base or "" for base in entry["alleles"]),
            is_reference=entry["reference"],
            function=functions[entry["name"]].function if entry["name"] in functions else "",
            activity_value=functions[entry["name"]].activity_value if entry["name"] in functions else "",
        )
        for entry in document["namedAlleles"]
    )
    return replace(like, positions=positions, alleles=_with_reported(alleles, positions, like))


def _position(document: dict[str, Any], variant: dict[str, Any], known: dict[int, Position]) -> Position:
    old = known.get(variant["position"])
    return Position(
        gene=document["gene"],
        chromosome=document["chromosome"],
        position=variant["position"],
        rsid=variant["rsid"] or "",
        reference=variant["ref"],
        alternates=tuple(variant["alts"]),
        required=old.required if old else False,
        tier1=old.tier1 if old else False,
    )


def _with_reported(
    alleles: tuple[NamedAllele, ...], positions: tuple[Position, ...], like: Gene
) -> tuple[NamedAllele, ...]:
    """Alleles the pack reports but no base defines (copy numbers, `*45`) stay reportable."""
    names = {allele.name for allele in alleles}
    blank = ("",) * len(positions)
    return alleles + tuple(
        replace(allele, bases=blank)
        for allele in like.alleles
        if allele.name not in names and not any(allele.bases)
    )


def without_exemptions(gene: Gene) -> Gene:
    """The gene as its definition alone has it: nothing required, no picks by frequency."""
    return replace(
        gene,
        positions=tuple(replace(position, required=False, tier1=False) for position in gene.positions),
        priorities=(),
    )
