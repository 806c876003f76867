"""One coverage policy read from its file, refused with every problem when it is not whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.coverage import (
    Answer,
    DocNeeded,
    DocPurpose,
    Funding,
    InfoNeeded,
    Line,
    PaNeeded,
)
from bedside.knowledge.coverage_policy import (
    NOTHING_ASKED,
    AppliesTo,
    Atom,
    Comparison,
    CoverageFact,
    CoveragePolicy,
    FactType,
    Follows,
    Group,
    Join,
    Level,
    PolicyExample,
    Tree,
)
from bedside.knowledge.coverage_tables import code_of
from bedside.knowledge.provenance import RuleFile

_OF_TYPE = {
    FactType.YES_NO: frozenset({Comparison.IS}),
    FactType.WORD: frozenset({Comparison.ONE_OF}),
    FactType.TEXT: frozenset({Comparison.ONE_OF}),
    FactType.NUMBER: frozenset({Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.BELOW}),
    FactType.LIST: frozenset(
        {Comparison.ANY_OF, Comparison.OTHER_THAN, Comparison.COUNT_AT_LEAST, Comparison.COUNT_AT_MOST}
    ),
}
_SEVERAL = frozenset({Comparison.ONE_OF, Comparison.ANY_OF, Comparison.OTHER_THAN})


def read_policy(
    file: RuleFile, facts: Mapping[str, CoverageFact], kinds: Mapping[str, str]
) -> CoveragePolicy:
    """The policy of a rule file; raises PackError."""
    try:
        policy = _policy(file, facts)
    except KeyError as error:
        raise file.fail(f"{error.args[0]} is missing", remedy="add it; nothing is assumed") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise file.fail(f"is no coverage policy: {error}") from error
    problems = [Problem(file.label, reason) for reason in _wrong(policy, kinds)]
    if problems:
        raise PackError(problems)
    return policy


def _policy(file: RuleFile, facts: Mapping[str, CoverageFact]) -> CoveragePolicy:
    entry = file.document
    by_id = {str(one["id"]): _atom(one, facts) for one in entry.get("criterion", ())}
    starts, ends = entry["effective_from"], entry.get("effective_to")
    if type(starts) is not date or (ends is not None and type(ends) is not date):
        raise ValueError("effective_from and effective_to are dates such as 2026-01-01")
    return CoveragePolicy(
        provenance=file.provenance,
        policy=str(entry["policy"]),
        title=file.provenance.title,
        level=Level(entry["level"]),
        effective_from=starts,
        effective_to=ends,
        source_url=str(entry["source_url"]),
        source_sha256=str(entry.get("source_sha256", "")),
        read=str(entry.get("read", "")),
        applies_to=_applies(entry["applies_to"], by_id),
        criteria=_tree(entry["criteria"], by_id),
        when_met=Follows(entry["when_met"]),
        when_not_met=Follows(entry["when_not_met"]),
        pa_needed=PaNeeded(entry["pa_needed"]),
        doc_needed=tuple(map(DocNeeded, entry["doc_needed"])),
        doc_purpose=tuple(map(DocPurpose, entry["doc_purpose"])),
        info_needed=tuple(map(InfoNeeded, entry["info_needed"])),
        questionnaire=str(entry.get("questionnaire", "")),
        billing_codes=tuple(map(code_of, entry.get("billing_codes", ()))),
        limits=tuple(map(str, entry.get("limits", ()))),
        answer_days=int(entry["answer_days"]),
        examples=tuple(_example(one) for one in entry.get("example", ())),
    )


def _atom(entry: Mapping[str, Any], facts: Mapping[str, CoverageFact]) -> Atom:
    name, fact = str(entry["id"]), facts.get(str(entry["fact"]))
    if fact is None:
        raise ValueError(f"{name} asks for {entry['fact']}, which the vocabulary does not have")
    asked = [one for one in Comparison if one.value in entry]
    if len(asked) != 1:
        raise ValueError(f"{name} compares its fact in {len(asked)} ways, not in one")
    (comparison,) = asked
    if comparison not in _OF_TYPE[fact.type]:
        raise ValueError(f"{name} asks {comparison.value} of {fact.fact}, which is a {fact.type.value}")
    said = entry[comparison.value]
    values = tuple(said) if comparison in _SEVERAL else (said,)
    if fact.type is FactType.WORD and (wrong := [one for one in values if one not in fact.choices]):
        raise ValueError(f"{name} compares with {wrong}, no choice of {fact.fact}")
    if comparison is Comparison.IS and not isinstance(said, bool):
        raise ValueError(f"{name} is true or false")
    says, cite = str(entry["says"]), str(entry["cite"])
    if not says.strip() or not cite.strip():
        raise ValueError(f"{name} has no words of its own or no citation")
    return Atom(name, fact.fact, comparison, values, says, cite)


def _tree(entry: object, by_id: Mapping[str, Atom]) -> Tree:
    if isinstance(entry, str):
        if entry not in by_id:
            raise ValueError(f"{entry} is no criterion of this file")
        return by_id[entry]
    if not isinstance(entry, Mapping):
        raise ValueError("criteria are ids, or all, any, n_of or not of them")
    if set(entry) == {"n_of", "of"}:
        parts = tuple(_tree(one, by_id) for one in entry["of"])
        needed = int(entry["n_of"])
        if not 0 < needed <= len(parts):
            raise ValueError(f"n_of asks for {needed} of {len(parts)}")
        return Group(Join.N_OF, parts, needed)
    if len(entry) == 1:
        ((word, said),) = entry.items()
        if word == "not":
            return Group(Join.NOT, (_tree(said, by_id),))
        if word in ("all", "any") and isinstance(said, Sequence):
            if word == "any" and not said:
                raise ValueError("any of nothing is never met")
            return Group(Join(word), tuple(_tree(one, by_id) for one in said))
    raise ValueError("criteria are ids, or all, any, n_of or not of them")


def _applies(entry: Mapping[str, Any], by_id: Mapping[str, Atom]) -> AppliesTo:
    known = {
        "payers",
        "lines",
        "fundings",
        "states",
        "contractors",
        "kinds",
        "genes",
        "codes",
        "z_codes",
        "where",
    }
    if further := sorted(set(entry) - known):
        raise ValueError(f"applies_to does not know {', '.join(further)}")
    return AppliesTo(
        payers=_texts(entry, "payers"),
        lines=frozenset(map(Line, entry.get("lines", ()))),
        fundings=frozenset(map(Funding, entry.get("fundings", ()))),
        states=_texts(entry, "states"),
        contractors=_texts(entry, "contractors"),
        kinds=_texts(entry, "kinds"),
        genes=_texts(entry, "genes"),
        codes=frozenset(map(code_of, entry.get("codes", ()))),
        z_codes=_texts(entry, "z_codes"),
        where=_tree(entry["where"], by_id) if "where" in entry else NOTHING_ASKED,
    )


def _texts(entry: Mapping[str, Any], name: str) -> frozenset[str]:
    return frozenset(map(str, entry.get(name, ())))


def _example(entry: Mapping[str, Any]) -> PolicyExample:
    genes = entry.get("genes", ())
    return PolicyExample(
        says=str(entry["says"]),
        test=str(entry.get("test", "")),
        kind=str(entry.get("kind", "")),
        genes=None if genes == "all" else frozenset(genes),
        payer=str(entry["payer"]),
        on=entry["on"],
        facts=dict(entry.get("facts", {})),
        answer=Answer(entry["answer"]).value,
        missing=frozenset(entry.get("missing", ())),
        plan=dict(entry.get("plan", {})),
    )


def _wrong(policy: CoveragePolicy, kinds: Mapping[str, str]) -> Iterator[str]:
    if not policy.source_sha256 and not policy.read:
        yield "names neither the digest of what was read nor what was read (source_sha256 or read)"
    if policy.effective_to is not None and policy.effective_to < policy.effective_from:
        yield "ends before it begins"
    if policy.when_met is Follows.SILENT:
        yield "says nothing when it is met"
    if unknown := sorted(policy.applies_to.kinds - kinds.keys()):
        yield f"speaks of kinds of test that nobody knows: {', '.join(unknown)}"
    names = [one.criterion for one in policy.asks_of]
    if len(set(names)) != len(names):
        yield "uses one criterion twice"
    if policy.answer_days < 1:
        yield "answer_days is a number of days from 1"
    answers = {one.answer for one in policy.examples}
    open_ones = [one for one in policy.examples if one.missing]
    if not policy.examples:
        yield "has no example"
    elif policy.asks_of and not open_ones:
        yield "has no example in which a fact is missing"
    elif len(answers) < 2:
        yield "has examples of one answer only"
