"""The site's policy of consent: what each layer opens, what age changes, and the data uses it knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from bedside.errors import PackError, Problem
from bedside.genome.consent import AskAgain, ConsentPolicy, Decision, Purpose, Scope
from bedside.genome.data_use import DataUse, DataUses
from bedside.knowledge.provenance import RuleFile, rule_files

KIND = "consent"
_KINDS = {"permission": True, "modifier": False}
_Listed = TypeVar("_Listed", Scope, Purpose)


@lru_cache(maxsize=8)
def load_consent_policy(root: Path | None = None) -> ConsentPolicy:
    """The shipped policy with the terms of use, or a site's own file of either name in its place; raises
    `PackError`."""
    chosen = {file.provenance.name: file for file in rule_files(KIND, root)}
    unknown = sorted(set(chosen) - {"policy", "uses"})
    if unknown:
        raise PackError(
            [Problem(chosen[name].label, "a consent file is named policy or uses") for name in unknown]
        )
    return read_consent_policy(chosen["policy"], read_data_uses(chosen["uses"]))


def read_consent_policy(file: RuleFile, uses: DataUses) -> ConsentPolicy:
    """The policy in a rule file; refused when a layer or a purpose is left out."""
    document = file.document
    try:
        majorities = document["majority"]
        majority = int(majorities.get(document["jurisdiction"], majorities["default"]))
        policy = ConsentPolicy(
            release=f"{file.provenance.name}@{file.provenance.retrieved}#{file.provenance.sha256[:12]}",
            unasked={Scope(name): Decision(said) for name, said in document["unasked"].items()},
            needs={Purpose(name): _listed(Scope, named) for name, named in document["needs"].items()},
            continues=frozenset(_listed(Scope, document["age"]["continues"])),
            limited=frozenset(_listed(Purpose, document["limits"]["purposes"])),
            majority=majority,
            emancipation=_flag(document["age"], "emancipated_minors", default=False),
            uses=uses,
            ask_again=AskAgain(**document["ask_again"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a consent policy: {error}") from error
    problems = [f"[unasked] says nothing of {scope.value}" for scope in Scope if scope not in policy.unasked]
    problems += [f"[needs] says nothing of {one.value}" for one in Purpose if one not in policy.needs]
    if Decision.WITHDRAWN in policy.unasked.values():
        problems.append("[unasked] is given or not-asked; nobody has withdrawn before being asked")
    if not 0 < majority <= 30:
        problems.append("[majority] is in years of age")
    if problems:
        raise PackError([Problem(file.label, reason) for reason in problems])
    return policy


def read_data_uses(file: RuleFile) -> DataUses:
    """The terms of use in a rule file; refused with every entry that cannot be read."""
    problems: list[Problem] = []
    terms: dict[str, DataUse] = {}
    for place, entry in enumerate(file.document.get("use", ()), start=1):
        try:
            term = _use(entry)
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(file.label, f"[[use]] {place} is missing or has wrong: {error}"))
            continue
        if term.code in terms:
            problems.append(Problem(file.label, f"[[use]] {place}: {term.code} is there twice"))
        terms[term.code] = term
    named = {code for term in terms.values() for code in term.permits | term.forbids_uses}
    problems += [Problem(file.label, f"{code} is named and not described") for code in named - set(terms)]
    if problems or not terms:
        raise PackError(problems or [Problem(file.label, "no [[use]] is described")])
    return DataUses(terms)


def _use(entry: Mapping[str, Any]) -> DataUse:
    return DataUse(
        code=str(entry["code"]),
        short=str(entry["short"]),
        label=str(entry["label"]),
        permission=_KINDS[entry["is"]],
        permits=frozenset(_texts(entry, "permits")),
        any_use=_flag(entry, "any_use", default=False),
        with_disease=_flag(entry, "with_disease", default=False),
        forbids_purposes=frozenset(
            purpose.value for purpose in _listed(Purpose, _texts(entry, "forbids_purposes"))
        ),
        forbids_uses=frozenset(_texts(entry, "forbids_uses")),
        met=_flag(entry, "met", default=True),
    )


def _listed(vocabulary: type[_Listed], named: Any) -> tuple[_Listed, ...]:
    if not isinstance(named, list):
        raise TypeError("a list is needed")
    return tuple(vocabulary(name) for name in named)


def _texts(entry: Mapping[str, Any], name: str) -> list[str]:
    found = entry.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(f"{name} must be a list of texts")
    return found


def _flag(entry: Mapping[str, Any], name: str, *, default: bool) -> bool:
    found = entry.get(name, default)
    if not isinstance(found, bool):
        raise TypeError(f"{name} must be true or false")
    return found
