"""How one laboratory's JSON says what it says: where things stand (JSON pointers, `*` for every item), which
word means what, what makes it final. One file a laboratory and version; the reader itself knows none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.person import Sex
from bedside.genome.reported import AllelicState, FindingKind, ReportedPresence, SourceClass
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "laboratory_json"
KEY = "#key"
"""In place of a pointer: the name of the member that `*` stood for."""
FIELDS = frozenset(
    {
        "control_id", "filler", "placer", "status", "processing", "reported_at", "collected_at",
        "received_at", "family", "given", "birth_date", "sex",
    }
)  # fmt: skip
FINDING_FIELDS = frozenset(
    {
        "gene", "gene_code", "coding", "protein", "genomic", "presence", "allelic_state", "source",
        "classification", "condition", "inheritance", "comment", "identifier", "build", "chromosome",
        "sequence", "start", "end", "system", "reference", "alternate",
    }
)  # fmt: skip
WORDS: Mapping[str, frozenset[str] | None] = {
    "status": frozenset("FCPX"),
    "processing": frozenset("PT"),
    "sex": frozenset(one.value for one in Sex),
    "presence": frozenset(one.value for one in ReportedPresence),
    "allelic_state": frozenset(one.value for one in AllelicState),
    "source": frozenset(one.value for one in SourceClass),
    "phenotype": None,
}
"""Which word of ours a laboratory's word may mean; None: any term of the pharmacogene release."""
KINDS = ("positive", "negative", "unknown")
_NEEDED = ("filler", "status", "family", "given", "birth_date")
_POINTER = re.compile(r"(?:/(?:[^/~]|~[01])+)*\Z")


@dataclass(frozen=True, slots=True)
class IdentifierPlace:
    """Where numbers of the patient stand. authority: a pointer, or with authority_is the authority itself."""

    each: str
    value: str
    authority: str = ""
    authority_is: str = ""


@dataclass(frozen=True, slots=True)
class CallsPlace:
    """Where calls of pharmacogenes stand. without_call: pointer → words that say that no call was made."""

    each: str
    gene: str
    genotype: str = ""
    phenotype: str = ""
    without_call: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DetailPlace:
    """One more thing said of a finding: its name and unit, or where they stand."""

    at: str
    name: str = ""
    name_at: str = ""
    unit: str = ""
    unit_at: str = ""


@dataclass(frozen=True, slots=True)
class FindingsPlace:
    """Where findings of one kind stand. fixed: what holds of all of them without being written."""

    kind: FindingKind
    each: str
    fields: Mapping[str, str]
    fixed: Mapping[str, str]
    details: tuple[DetailPlace, ...]


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A document and what must be read from it. refused: words of the reason for which it must be refused."""

    title: str
    kind: str
    document: str
    status: str = ""
    calls: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LaboratoryMapping:
    """One laboratory's JSON. recognised: pointer → the text that stands there. required: pointers without
    which it is not this format. transport: pointers that differ each time the same result is sent. ignored:
    pointers that somebody looked at and that say nothing of the result."""

    provenance: Provenance
    laboratory: str
    dates: str
    recognised: Mapping[str, str]
    required: tuple[str, ...]
    transport: tuple[str, ...]
    ignored: tuple[str, ...]
    fields: Mapping[str, str]
    identifiers: tuple[IdentifierPlace, ...]
    words: Mapping[str, Mapping[str, str]]
    calls: tuple[CallsPlace, ...]
    findings: tuple[FindingsPlace, ...]
    examples: tuple[WorkedExample, ...]

    @property
    def name(self) -> str:
        """Its name, with the digest of its file: what a result says it was read with."""
        return f"{self.provenance.name}#{self.provenance.sha256[:12]}"


@cache
def load_mappings(root: Path | None = None) -> tuple[LaboratoryMapping, ...]:
    """Every mapping; a site's own takes the place of a shipped one of its name. Raises PackError."""
    files = {file.provenance.name: file for file in rule_files(KIND, root)}
    return tuple(map(read_mapping, files.values()))


def read_mapping(file: RuleFile) -> LaboratoryMapping:
    """The mapping of a rule file; PackError with every problem."""
    said = file.document
    try:
        made = LaboratoryMapping(
            provenance=file.provenance,
            laboratory=str(said["laboratory"]),
            dates=str(said.get("dates", "iso")),
            recognised=dict(said["recognised"]),
            required=tuple(said.get("required", ())),
            transport=tuple(said.get("transport", ())),
            ignored=tuple(said.get("ignored", ())),
            fields=dict(said["fields"]),
            identifiers=tuple(IdentifierPlace(**one) for one in said.get("identifiers", ())),
            words={name: dict(words) for name, words in said["words"].items()},
            calls=tuple(_calls(one) for one in said.get("calls", ())),
            findings=tuple(_findings(one) for one in said.get("findings", ())),
            examples=tuple(_example(one) for one in said.get("examples", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise file.fail(f"not a mapping of a laboratory's JSON: {error}") from error
    problems = [Problem(file.label, why) for why in wrong(made)]
    if problems:
        raise PackError(problems)
    return made


def _calls(one: Mapping[str, Any]) -> CallsPlace:
    lacking = {at: tuple(words) for at, words in one.get("without_call", {}).items()}
    return CallsPlace(**{**one, "without_call": lacking})


def _findings(one: Mapping[str, Any]) -> FindingsPlace:
    details = tuple(DetailPlace(**each) for each in one.get("details", ()))
    fields, fixed = dict(one.get("fields", {})), dict(one.get("fixed", {}))
    return FindingsPlace(FindingKind(one["kind"]), str(one["each"]), fields, fixed, details)


def _example(one: Mapping[str, Any]) -> WorkedExample:
    lists = {name: tuple(said) for name, said in one.items() if isinstance(said, list)}
    return WorkedExample(**{**one, **lists})


def wrong(mapping: LaboratoryMapping) -> Iterator[str]:
    """What makes it no mapping: unknown names, words that mean nothing of ours, pointers that are none."""
    yield from (f"no such field: {name}" for name in sorted(mapping.fields.keys() - FIELDS))
    yield from (f"fields.{name} is missing" for name in _NEEDED if name not in mapping.fields)
    if not mapping.recognised:
        yield "[recognised] is empty, so any document would be taken for this one"
    for name, words in mapping.words.items():
        if name not in WORDS:
            yield f"no such list of words: {name}"
            continue
        known = WORDS[name]
        odd = sorted(set(words.values()) - known) if known is not None else []
        yield from (f"words.{name}: {word!r} is no word of ours" for word in odd)
    if "status" not in mapping.words:
        yield "[words.status] is missing: nothing says what makes a result final"
    for place in mapping.findings:
        yield from (
            f"findings: no such field: {n}" for n in sorted({*place.fields, *place.fixed} - FINDING_FIELDS)
        )
        for name in ("presence", "allelic_state", "source"):
            fixed, known = place.fixed.get(name), WORDS[name]
            if fixed is not None and known is not None and fixed not in known:
                yield f"findings.fixed.{name}: {fixed!r} is no word of ours"
            if name in place.fields and name not in mapping.words:
                yield f"[words.{name}] is missing: nothing says what findings.fields.{name} means"
    for pointer in _pointers(mapping):
        if pointer != KEY and not _POINTER.match(pointer):
            yield f"no JSON pointer: {pointer}"
    kinds = {one.kind for one in mapping.examples}
    yield from (f"has no {kind} example" for kind in KINDS if kind not in kinds)


def _pointers(mapping: LaboratoryMapping) -> Iterator[str]:
    yield from (*mapping.recognised, *mapping.required, *mapping.transport, *mapping.ignored)
    yield from mapping.fields.values()
    for number in mapping.identifiers:
        yield from (number.each, number.value, number.authority)
    for call in mapping.calls:
        yield from (call.each, call.gene, call.genotype, call.phenotype, *call.without_call)
    for place in mapping.findings:
        yield from (place.each, *place.fields.values())
        yield from (at for one in place.details for at in (one.at, one.name_at, one.unit_at))


def overlapping(mappings: Sequence[LaboratoryMapping]) -> Iterator[str]:
    """Pairs of mappings of which one recognises whatever the other does."""
    for one in mappings:
        for other in mappings:
            if one is not other and one.recognised.items() <= other.recognised.items():
                yield f"{one.provenance.name} recognises every document of {other.provenance.name} too"
