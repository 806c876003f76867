"""SMART scopes, version 2: what a token may do with which type of resource, read in one canonical form only.

`patient/Observation.rs?category=laboratory` is a context, a type (`*` for every one), the interactions in the
order of `cruds`, and what narrows it. Anything else is refused, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from bedside.errors import InputError, Problem
from bedside.exchange.fhir_coded import has_code

INTERACTIONS = "cruds"
EVERY_TYPE = "*"
ELEMENTS = {
    "category": ("category",),
    "code": ("code", "medicationCodeableConcept"),
    "status": ("status",),
}
"""The search parameters that a scope may be narrowed by, and the elements they look at."""

_FORM = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,40})\.([a-z]{1,5})(?:\?(\S{1,200}))?")
_PAIR = re.compile(r"([a-z-]{1,40})=([^&=\s\"\\,]{1,160})")
MOST_SCOPES = 100
_R = TypeVar("_R", bound=Mapping[str, Any])


class Context(Enum):
    """Whose data: of the one patient in context, what the signed-in user may see, or the whole server's."""

    PATIENT = "patient"
    USER = "user"
    SYSTEM = "system"


class ScopeError(InputError):
    """A scope that is not understood or not supported; names it by its place, and says why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope. kind: a resource type or `*`; letters: of `cruds`; narrowed: parameter and value pairs, all
    of which a resource must fit."""

    context: Context
    kind: str
    letters: str
    narrowed: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        pairs = "&".join(f"{name}={value}" for name, value in self.narrowed)
        return f"{self.context.value}/{self.kind}.{self.letters}" + (f"?{pairs}" if pairs else "")

    def covers(self, kind: str, letters: str) -> bool:
        """Whether it speaks of this type and of all these interactions."""
        return self.kind in (EVERY_TYPE, kind) and set(letters) <= set(self.letters)

    def within(self, wider: Scope) -> bool:
        """Whether everything this allows is allowed by the other, of the same context."""
        return (
            self.context is wider.context
            and wider.covers(self.kind, self.letters)
            and set(wider.narrowed) <= set(self.narrowed)
        )

    def fits(self, resource: Mapping[str, Any]) -> bool:
        """Whether a resource is of what the scope is narrowed to."""
        return all(
            any(has_code(resource.get(element), (value,)) for element in ELEMENTS[name])
            for name, value in self.narrowed
        )


@dataclass(frozen=True, slots=True)
class Act:
    """What a FHIR request does: these interactions with each of these types. whole: nothing narrowed is
    enough, because the answer is not filtered by resource. bulk: any type's read scope of the whole server
    opens it, and each type is asked for again when it is written out."""

    kinds: tuple[str, ...] = ()
    letters: str = ""
    whole: bool = False
    bulk: bool = False


def parse_scope(text: str, place: str = "scope") -> Scope:
    """The scope that the text is, in its canonical form; raises `ScopeError`."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ScopeError.one(place, "is no scope of SMART version 2", remedy="such as system/Observation.rs")
    letters = found[3]
    if letters != "".join(one for one in INTERACTIONS if one in letters):
        raise ScopeError.one(place, f"interactions are letters of {INTERACTIONS}, each once, in that order")
    narrowed = _narrowed(found[4], place) if found[4] is not None else ()
    if narrowed and found[2] == EVERY_TYPE:
        raise ScopeError.one(place, "a scope over every type cannot be narrowed")
    if narrowed and set(letters) - set("rs"):
        raise ScopeError.one(place, "a narrowed scope can only read and search")
    return Scope(Context(found[1]), found[2], letters, narrowed)


def _narrowed(text: str, place: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for part in text.split("&"):
        found = _PAIR.fullmatch(part)
        if found is None or found[1] not in ELEMENTS:
            reason = f"can be narrowed by {', '.join(ELEMENTS)} only, each as name=value"
            raise ScopeError.one(place, reason)
        pairs.append((found[1], found[2]))
    if len({name for name, _ in pairs}) != len(pairs):
        raise ScopeError.one(place, "is narrowed twice by one parameter")
    return tuple(pairs)


def grant(
    asked: Iterable[str], registered: Sequence[Scope], contexts: frozenset[Context], kinds: frozenset[str]
) -> tuple[Scope, ...]:
    """The scopes asked for, every one of which was registered; raises `ScopeError` with every problem.

    contexts: those that this way of asking can have. kinds: the types served here. A type that is not served
    is left out, because clients ask for every type they know and the answer says what was granted; when
    nothing else was asked for, that is a problem. Nothing is added or widened.
    """
    granted: list[Scope] = []
    problems: list[Problem] = []
    unserved: list[Problem] = []
    for number, text in enumerate(dict.fromkeys(asked), 1):
        place = f"scope {number}"
        try:
            scope = parse_scope(text, place)
        except ScopeError as error:
            problems += error.problems
            continue
        if scope.context not in contexts:
            problems.append(Problem(place, f"{scope.context.value}/ scopes are not given this way"))
        elif scope.kind != EVERY_TYPE and scope.kind not in kinds:
            unserved.append(Problem(place, "names a type of resource that is not served here"))
        elif not any(scope.within(one) for one in registered):
            problems.append(Problem(place, "is more than this client was registered for"))
        else:
            granted.append(scope)
    if not granted:
        problems += unserved
    if not granted and not problems:
        problems.append(Problem("scope", "is needed: a token without a scope opens nothing"))
    if len(granted) > MOST_SCOPES:
        problems.append(Problem("scope", f"more than {MOST_SCOPES} scopes"))
    if problems:
        raise ScopeError(problems)
    return tuple(granted)


def allows(scopes: Sequence[Scope], act: Act) -> bool:
    """Whether the scopes together open this act."""
    if act.bulk:
        return any(one.context is Context.SYSTEM and "r" in one.letters for one in scopes)
    if act.kinds and not act.letters:
        return False
    return all(
        any(one.covers(kind, letter) and not (act.whole and one.narrowed) for one in scopes)
        for kind in act.kinds
        for letter in act.letters
    )


def visible(scopes: Sequence[Scope] | None, kind: str, letter: str, found: Iterable[_R]) -> list[_R]:
    """The resources of one type that the scopes let out (None: not limited by scopes)."""
    if scopes is None:
        return list(found)
    covering = [one for one in scopes if one.covers(kind, letter)]
    return [resource for resource in found if any(one.fits(resource) for one in covering)]
