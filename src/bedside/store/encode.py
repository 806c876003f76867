"""The one place where the record's words become canonical JSON and come back.

Canonical: UTF-8, keys sorted, no spaces, tuples as arrays; equal values have equal bytes, so their sha256
names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, get_type_hints

import orjson

from bedside.genome.assay import Assay
from bedside.genome.diplotype import Diplotype
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import GenotypePattern, Observation, OutsideCall, digest
from bedside.genome.state import (
    NOT_TESTED,
    Called,
    Filtered,
    HalfCall,
    NoCall,
    NotTested,
    PositionState,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit, MissingPosition
from bedside.store.ledger import Content

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def canonical(value: Any) -> bytes:
    """Canonical JSON of plain values; ValueError for what JSON cannot say (a date, NaN, a key that is no
    string).
    """
    text = _written(value)
    if b"null" in text and _has_nan(value):
        raise ValueError("not plain JSON: a number is not finite")
    return text


def _written(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as error:
        raise ValueError(f"not plain JSON: {error}") from error


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return value != value or value in (float("inf"), float("-inf"))
    if isinstance(value, Mapping):
        return any(_has_nan(item) for item in value.values())
    return isinstance(value, list | tuple) and any(_has_nan(item) for item in value)


def decode(text: str | bytes) -> Any:
    """Plain values from JSON."""
    return orjson.loads(text)


def observation_content(observation: Observation) -> Content:
    """An observation as content of the ledger."""
    body = _written(encode_observation(observation))
    return Content(digest(body), "observation", observation.gene, body)


def call_content(call: GeneCall) -> Content:
    """A gene's call as content of the ledger."""
    body = _written(encode_call(call))
    return Content(digest(body), "call", call.gene, body)


def assay_content(assay: Assay) -> Content:
    """An assay as content of the ledger."""
    body = _written(encode_assay(assay))
    return Content(digest(body), "assay", "", body)


def encode_observation(observation: Observation) -> dict[str, Any]:
    """Plain values of an observation."""
    if isinstance(observation, OutsideCall):
        return {
            "is": "outside-call",
            "gene": observation.gene,
            "diplotype": observation.diplotype,
            "phenotype": observation.phenotype,
            "activity_score": observation.activity_score,
        }
    return {
        "is": "genotype-pattern",
        "gene": observation.gene,
        "loci": [_locus(locus) for locus in observation.loci],
        "states": [encode_state(state) for state in observation.states],
    }


def decode_observation(plain: Mapping[str, Any]) -> Observation:
    """The observation that plain values describe."""
    if plain["is"] == "outside-call":
        return OutsideCall(plain["gene"], plain["diplotype"], plain["phenotype"], plain["activity_score"])
    return GenotypePattern(
        plain["gene"],
        tuple(_read_locus(text) for text in plain["loci"]),
        tuple(decode_state(state) for state in plain["states"]),
    )


def encode_state(state: PositionState) -> list[Any]:
    """A position's state as an array that begins with its kind."""
    match state:
        case Called() | HalfCall() | Undocumented():
            return [_SEEN[type(state)], list(state.alleles), state.phased, state.phase_set]
        case ReferenceBlock():
            return ["reference", state.reference, state.ploidy]
        case NoCall():
            return ["no-call", state.reason.name]
        case Filtered():
            return ["filtered", state.reason.name, state.detail]
        case NotTested():
            return ["not-tested"]


_SEEN: Mapping[type, str] = {Called: "called", HalfCall: "half-call", Undocumented: "undocumented"}
_STATES: Mapping[str, Callable[..., PositionState]] = {
    "called": lambda alleles, phased, phase_set: Called(tuple(alleles), phased, phase_set),
    "half-call": lambda alleles, phased, phase_set: HalfCall(tuple(alleles), phased, phase_set),
    "undocumented": lambda alleles, phased, phase_set: Undocumented(tuple(alleles), phased, phase_set),
    "reference": ReferenceBlock,
    "no-call": lambda reason: NoCall(Reason[reason]),
    "filtered": lambda reason, detail: Filtered(Reason[reason], detail),
    "not-tested": lambda: NOT_TESTED,
}


def decode_state(plain: list[Any]) -> PositionState:
    """The position's state that an array describes."""
    return _STATES[plain[0]](*plain[1:])


def encode_assay(assay: Assay) -> dict[str, Any]:
    """Plain values of an assay."""
    return {
        "method": assay.method,
        "build": None if assay.build is None else assay.build.value,
        "positions_tested": assay.positions_tested,
        "positions_not_tested": [_locus(locus) for locus in assay.positions_not_tested],
        "positions_not_callable": [_locus(locus) for locus in assay.positions_not_callable],
        "limits": list(assay.limits),
    }


def decode_assay(plain: Mapping[str, Any]) -> Assay:
    """The assay that plain values describe."""
    return Assay(
        method=plain["method"],
        build=None if plain["build"] is None else Build(plain["build"]),
        positions_tested=plain["positions_tested"],
        positions_not_tested=tuple(_read_locus(text) for text in plain["positions_not_tested"]),
        positions_not_callable=tuple(_read_locus(text) for text in plain["positions_not_callable"]),
        limits=tuple(plain["limits"]),
    )


def encode_call(call: GeneCall) -> dict[str, Any]:
    """Plain values of a gene's call: every field that is not at its default, so that a field added later is
    no change."""
    return {
        field.name: _ENCODERS[_KINDS[field.name]](value)
        for field in fields(GeneCall)
        if (value := getattr(call, field.name)) != field.default
    }


def decode_call(plain: Mapping[str, Any]) -> GeneCall:
    """The gene's call that plain values describe."""
    gene = plain["gene"]
    return GeneCall(**{name: _DECODERS[_KINDS[name]](value, gene) for name, value in plain.items()})


_KINDS: Mapping[str, Any] = get_type_hints(GeneCall)
_ENCODERS: Mapping[Any, Callable[[Any], Any]] = {
    str: lambda text: text,
    bool: lambda flag: flag,
    CallStatus: lambda term: term.value,
    CallSource: lambda term: term.value,
    tuple[str, ...]: list,
    tuple[Diplotype, ...]: lambda pairs: [list(pair.alleles) for pair in pairs],
    tuple[MissingPosition, ...]: lambda missing: [list(_values(position)) for position in missing],
    tuple[Limit, ...]: lambda limits: [list(_values(limit)) for limit in limits],
}
_DECODERS: Mapping[Any, Callable[[Any, str], Any]] = {
    str: lambda text, _: text,
    bool: lambda flag, _: flag,
    CallStatus: lambda term, _: CallStatus(term),
    CallSource: lambda term, _: CallSource(term),
    tuple[str, ...]: lambda texts, _: tuple(texts),
    tuple[Diplotype, ...]: lambda pairs, gene: tuple(Diplotype(gene, *pair) for pair in pairs),
    tuple[MissingPosition, ...]: lambda missing, _: tuple(MissingPosition(*position) for position in missing),
    tuple[Limit, ...]: lambda limits, _: tuple(Limit(*limit) for limit in limits),
}


def _values(item: MissingPosition | Limit) -> Iterator[Any]:
    return (getattr(item, field.name) for field in fields(item))


def _locus(locus: Locus) -> str:
    return str(locus)


def _read_locus(text: str) -> Locus:
    build, chromosome, position = text.split(":")
    return Locus(Build(build), chromosome, int(position))
