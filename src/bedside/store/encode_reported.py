"""Reported findings as canonical JSON, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from bedside.genome.observation import digest
from bedside.genome.reported import (
    AllelicState,
    Detail,
    DocumentPlace,
    FindingKind,
    JsonPlace,
    PagePlace,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SaidCode,
    SegmentPlace,
    SourceClass,
)
from bedside.store.encode import canonical
from bedside.store.ledger import Content

_FIELDS = tuple((field.name, field.default) for field in fields(ReportedFinding))


def reported_content(finding: ReportedFinding) -> Content:
    """A reported finding as content of the ledger."""
    body = canonical(encode_reported(finding))
    return Content(digest(body), "reported", finding.gene, body)


def encode_reported(finding: ReportedFinding) -> dict[str, Any]:
    """Plain values: every field that is not at its default."""
    plain = {
        name: value if type(value) is str else _plain(value)
        for name, default in _FIELDS
        if (value := getattr(finding, name)) is not default and value != default
    }
    return {"is": "reported-finding", **plain}


def _plain(value: Any) -> Any:
    match value:
        case FindingKind() | ReportedPresence() | AllelicState() | SourceClass():
            return value.value
        case JsonPlace():
            return ["json", value.pointer, value.start, value.end]
        case SegmentPlace():
            return ["segment", value.segment, value.start, value.end]
        case PagePlace():
            return ["page", value.page, *value.box]
        case SaidCode():
            return [value.text, value.code, value.system]
        case Detail():
            return [_plain(value.asked), _plain(value.answer)]
        case ReportedPlace():
            return {f.name: said for f in fields(value) if (said := getattr(value, f.name))}
        case tuple():
            return [one if type(one) is str else _plain(one) for one in value]
    return value


def decode_reported(plain: Mapping[str, Any]) -> ReportedFinding:
    """The reported finding that plain values describe."""
    return ReportedFinding(**{name: _READ[name](value) for name, value in plain.items() if name != "is"})


_PLACES: Mapping[str, Callable[..., DocumentPlace]] = {
    "json": JsonPlace,
    "segment": SegmentPlace,
    "page": lambda page, *box: PagePlace(page, (box[0], box[1], box[2], box[3])),
}
_TEXT: Callable[[Any], Any] = str
_CODE: Callable[[Any], Any] = lambda said: SaidCode(*said)  # noqa: E731
_READ: Mapping[str, Callable[[Any], Any]] = {
    "kind": FindingKind,
    "presence": ReportedPresence,
    "places": lambda several: tuple(_PLACES[one[0]](*one[1:]) for one in several),
    "gene": _TEXT,
    "gene_code": _TEXT,
    "hgvs": tuple,
    "where": lambda said: ReportedPlace(**said),
    "identifiers": lambda several: tuple(map(_CODE, several)),
    "allelic_state": AllelicState,
    "source": SourceClass,
    "classification": _CODE,
    "condition": _CODE,
    "inheritance": _CODE,
    "details": lambda several: tuple(Detail(SaidCode(*one), SaidCode(*other)) for one, other in several),
    "comment": _TEXT,
}
