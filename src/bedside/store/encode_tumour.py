"""Tumour samples as canonical JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from bedside.genome.locus import Build
from bedside.genome.observation import digest
from bedside.genome.tumour import (
    Aspect,
    Change,
    CopyNumber,
    CopyState,
    Covered,
    Effect,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    Scope,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.store.encode import canonical
from bedside.store.ledger import Content

_NAMES: Mapping[str, type[TumourFinding]] = {
    "small-variant": SmallVariant,
    "fusion": Fusion,
    "exon-skipping": ExonSkipping,
    "copy-number": CopyNumber,
    "marker": Marker,
}
_KINDS = {kind: name for name, kind in _NAMES.items()}
_WORDS: Mapping[str, type[Enum]] = {"effect": Effect, "build": Build, "origin": Origin, "state": CopyState}
_LISTS = frozenset({"exons", "codons", "splice_of", "notes"})


def tumour_content(tumour: Tumour) -> Content:
    """A tumour sample as content of the ledger."""
    body = canonical(encode_tumour(tumour))
    return Content(digest(body), "tumour", "", body)


def encode_tumour(tumour: Tumour) -> dict[str, Any]:
    """Plain values: of each finding every field that is not at its default."""
    scope = tumour.scope
    return {
        "is": "tumour",
        "sample": tumour.sample,
        "oncotree": tumour.oncotree,
        "findings": [_finding(one) for one in tumour.findings],
        "scope": {
            "genes": {aspect.value: sorted(genes) for aspect, genes in scope.genes.items()},
            "everything": sorted(aspect.value for aspect in scope.everything),
            "markers": sorted(scope.markers),
            **({"partly": _partly(scope.partly)} if scope.partly else {}),
        },
        "patient": dict(tumour.patient),
        **({} if tumour.purity is None else {"purity": tumour.purity}),
    }


def _partly(partly: Mapping[str, Covered]) -> dict[str, Any]:
    return {
        gene: {
            "exons": sorted(one.exons),
            "spliced": sorted(one.spliced),
            "codons": [list(span) for span in one.codons],
        }
        for gene, one in partly.items()
    }


def decode_tumour(plain: Mapping[str, Any]) -> Tumour:
    """The tumour sample of plain values."""
    scope = plain["scope"]
    return Tumour(
        plain["sample"],
        plain["oncotree"],
        tuple(_read(one) for one in plain["findings"]),
        Scope(
            {Aspect(name): frozenset(genes) for name, genes in scope["genes"].items()},
            frozenset(Aspect(name) for name in scope["everything"]),
            frozenset(scope["markers"]),
            {
                gene: Covered(
                    frozenset(one["exons"]),
                    frozenset(one["spliced"]),
                    tuple((first, last) for first, last in one["codons"]),
                )
                for gene, one in scope.get("partly", {}).items()
            },
        ),
        dict(plain["patient"]),
        plain.get("purity"),
    )


def _finding(one: TumourFinding) -> dict[str, Any]:
    said = {
        field.name: _plain(value)
        for field in fields(one)
        if (value := getattr(one, field.name)) != field.default
    }
    return {"is": _KINDS[type(one)], **said}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case Change():
            return [value.reference, value.first, value.last, value.alternate]
        case tuple():
            return list(value)
    return value


def _read(plain: Mapping[str, Any]) -> TumourFinding:
    said = {name: _typed(name, value) for name, value in plain.items() if name != "is"}
    return _NAMES[plain["is"]](**said)


def _typed(name: str, value: Any) -> Any:
    if name in _WORDS:
        return _WORDS[name](value)
    if name == "change":
        return Change(*value)
    return tuple(value) if name in _LISTS else value
