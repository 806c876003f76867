"""Checks FHIR resources against R4's definitions and the profiles that they claim (Genomics Reporting).

What is checked: JSON shape, unknown elements, cardinality, types, forms of primitives, fixed values and
patterns, slices by value, type and profile, required value sets, types of what references lead to, and
simple invariants. What is not: extensible and preferred value sets, value sets that choose by filter, the
display of a code, and invariants that need FHIRPath beyond those in `fhir_invariant`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bedside.exchange.fhir_fault import Fault, Rule
from bedside.exchange.fhir_invariant import broken, parameter_faults
from bedside.exchange.fhir_primitive import PRIMITIVES, has_pattern, many, wrong_primitive
from bedside.exchange.fhir_resolve import Resolver
from bedside.exchange.fhir_slice import matching, of_type
from bedside.knowledge.fhir_elements import Element, Type
from bedside.knowledge.fhir_profiles import FhirProfiles, Profile, load_fhir_profiles

Json = Mapping[str, Any]
GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. claims: how many claims of a profile of the guide were checked; resources: how many
    resources, with those inside others."""

    faults: tuple[Fault, ...]
    resources: int
    claims: int


def check(resource: Json, profiles: FhirProfiles | None = None, beside: tuple[Json, ...] = ()) -> Checked:
    """A resource or bundle against its type and all profiles that it claims. beside: resources that
    references may lead to."""
    checker = _Checker(profiles or load_fhir_profiles(), Resolver([resource, *beside]))
    checker.resource(resource, str(resource.get("resourceType", "?")))
    return Checked(tuple(dict.fromkeys(checker.faults)), checker.resources, checker.claims)


@dataclass(slots=True)
class _Checker:
    """One check. base: whether the type's own definition is being walked, and not a profile's."""

    known: FhirProfiles
    resolver: Resolver
    faults: list[Fault] = field(default_factory=list)
    resources: int = 0
    claims: int = 0
    profile: Profile | None = None
    base: bool = True
    inside: list[Json] = field(default_factory=list)

    def say(self, path: str, rule: Rule, said: str) -> None:
        name = self.profile.url.rpartition("/")[2] if self.profile else "FHIR"
        self.faults.append(Fault(path, rule, name, said))

    def resource(self, value: object, path: str) -> None:
        """A resource by its type, then by every profile that it claims."""
        kind = value.get("resourceType") if isinstance(value, Mapping) else None
        definition = self.known.types.get(kind) if isinstance(kind, str) else None
        if not isinstance(value, Mapping) or definition is None or definition.kind != "resource":
            self.say(path, Rule.JSON, "is no resource of R4")
            return
        self.resources += 1
        before = self.profile, self.base
        self.inside.append(value)
        self._walk(value, definition, path, base=True)
        meta = value.get("meta")
        for claim in many(meta.get("profile", [])) if isinstance(meta, Mapping) else []:
            self._claim(value, str(claim).partition("|")[0], path, definition.type)
        self.inside.pop()
        self.profile, self.base = before

    def _claim(self, value: Json, claim: str, path: str, kind: str) -> None:
        profile = self.known.profiles.get(claim)
        if profile is None:
            if claim.startswith(GUIDE):
                self.say(path, Rule.PROFILE, "claims a profile that the guide does not have")
            return
        self.claims += 1
        if profile.type != kind:
            self.say(path, Rule.PROFILE, f"is no {profile.type}, as the profile it claims asks")
            return
        self._walk(value, profile, path, base=False)

    def _walk(self, value: Json, profile: Profile, path: str, *, base: bool) -> None:
        before = self.profile, self.base
        self.profile, self.base = profile, base
        self.children(value, profile.root.children, path)
        if base:
            for key, said in broken(profile.type, value):
                self.say(path, Rule.INVARIANT, f"{said} [{key}]")
        self.profile, self.base = before

    def children(self, value: Json, elements: list[Element], path: str) -> None:
        """The elements inside a value."""
        met = {"resourceType"} if "resourceType" in value else set()
        for element in elements:
            keys = self._keys(value, element, path)
            met.update(keys)
            items = [
                (f"{path}.{key}" + (f"[{at}]" if isinstance(value[key], list) else ""), item, kind)
                for key, kind in keys.items()
                if key in value
                for at, item in enumerate(many(value[key]))
            ]
            only_extended = sum(1 for key in keys if key not in value)
            self._count(len(items) + only_extended, element, f"{path}.{element.name}")
            if self.base:
                self._shape(value, keys, element, path)
            for where, item, kind in items:
                self.value(item, element, kind, where)
            if element.slices:
                self._slices(items, element, f"{path}.{element.name}")
        if self.base:
            for name in value:
                if name not in met and name.lstrip("_") not in met and name != "fhir_comments":
                    self.say(path, Rule.UNKNOWN, f"has an element {name!r} that FHIR does not know here")

    def _keys(self, value: Json, element: Element, path: str) -> dict[str, Type]:
        """The JSON names under which the element has a value here, and of which type."""
        if not element.name.endswith("[x]"):
            kind = element.types[0] if element.types else Type("")
            return {element.name: kind} if element.name in value or f"_{element.name}" in value else {}
        stem, allowed = element.name[:-3], {one.code: one for one in element.types}
        found = {}
        for name in value:
            written = name.lstrip("_")
            code = of_type(written, stem, self.known.types)
            if code in allowed:
                found[written] = allowed[code]
            elif code and not self.base:
                self.say(f"{path}.{written}", Rule.TYPE, f"is a {code}, which the profile does not allow")
        return found

    def _count(self, count: int, element: Element, path: str) -> None:
        name = f"{path}:{element.slice}" if element.slice else path
        if count < element.least:
            self.say(name, Rule.CARDINALITY, f"is there {count} times and must be at least {element.least}")
        if count > element.most:
            self.say(name, Rule.CARDINALITY, f"is there {count} times and may be at most {element.most}")

    def _shape(self, value: Json, keys: Mapping[str, Type], element: Element, path: str) -> None:
        for key in keys:
            if key in value and isinstance(value[key], list) != (element.most > 1):
                self.say(
                    f"{path}.{key}", Rule.JSON, "must be a list" if element.most > 1 else "must be no list"
                )
            if key in value and value[key] in ([], {}, ""):
                self.say(f"{path}.{key}", Rule.JSON, "is empty")

    def value(self, value: object, element: Element, kind: Type, path: str) -> None:
        """One value of an element."""
        if value is None:
            return
        if element.fixed is not None and value != element.fixed:
            self.say(path, Rule.VALUE, "is not the value that is fixed")
        if element.pattern is not None and not has_pattern(value, element.pattern):
            self.say(path, Rule.VALUE, "has not the values that are asked for")
        if element.value_set:
            self._bound(value, element, path)
        if kind.code in ("Reference", "canonical"):
            self._reference(value, kind, path)
        if kind.code in PRIMITIVES:
            if self.base and (said := wrong_primitive(value, kind.code)):
                self.say(path, Rule.FORMAT, said)
        elif not isinstance(value, Mapping):
            self.say(path, Rule.JSON, "is no object")
        else:
            self._inside(value, element, kind, path)

    def _inside(self, value: Json, element: Element, kind: Type, path: str) -> None:
        """What is inside an object: the element's own children, or those of its type."""
        if kind.code == "Resource":
            if self.base:
                self.resource(value, path)
            return
        if element.children:
            self.children(value, element.children, path)
            if self.base and path.rpartition(".")[2].startswith(("parameter[", "part[")):
                for key, said in parameter_faults(value):
                    self.say(path, Rule.INVARIANT, f"{said} [{key}]")
        elif element.like and self.base:
            self.children(value, self._at(element.like).children, path)
        elif self.base and kind.code in self.known.types:
            self._walk(value, self.known.types[kind.code], path, base=True)
            extension = self.known.profiles.get(str(value.get("url"))) if kind.code == "Extension" else None
            if extension is not None:
                self._walk(value, extension, path, base=False)
        for url in kind.profiles:
            if kind.code != "Extension" and url in self.known.profiles:
                self._walk(value, self.known.profiles[url], path, base=False)

    def _at(self, place: str) -> Element:
        """The element at a path of the definition that is being walked."""
        assert self.profile is not None
        found = self.profile.root
        for name in place.split(".")[1:]:
            found = next(one for one in found.children if one.name == name)
        return found

    def _slices(self, items: list[tuple[str, Any, Type]], element: Element, path: str) -> None:
        counts = [0] * len(element.slices)
        for where, item, kind in items:
            found = matching(item, kind, element, self.known, self.resolver, self.inside)
            if found is not None:
                counts[element.slices.index(found)] += 1
                self.value(item, found, found.types[0] if len(found.types) == 1 else kind, where)
                if found.slices:
                    self._slices([(where, item, kind)], found, path)
        for one, count in zip(element.slices, counts, strict=True):
            if "/" not in one.slice:
                self._count(count, one, path)

    def _bound(self, value: object, element: Element, path: str) -> None:
        codes = self.known.value_sets.get(element.value_set)
        if codes is None or element.value_set in self.known.unknown:
            return
        if isinstance(value, str):
            listed = list(codes.values())
            if not any(one is None or value in one for one in listed):
                self.say(path, Rule.BINDING, "is no code of the value set that is required")
            return
        codings = (
            many(value.get("coding", [value] if "code" in value else []))
            if isinstance(value, Mapping)
            else []
        )
        for one in codings:
            if isinstance(one, Mapping) and one.get("system") in codes:
                wanted = codes[str(one["system"])]
                if wanted is None or one.get("code") in wanted:
                    return
        if not isinstance(value, Mapping) or "unit" not in value:
            self.say(path, Rule.BINDING, "has no code of the value set that is required")

    def _reference(self, value: object, kind: Type, path: str) -> None:
        if kind.code != "Reference" or not isinstance(value, Mapping):
            return
        allowed = {self._type_of(one) for one in kind.targets}
        found = self.resolver.type_of(value, self.inside)
        if allowed and not allowed & {"Resource", "Any"} and found and found not in allowed:
            self.say(path, Rule.REFERENCE, f"leads to a {found}, where {', '.join(sorted(allowed))} belongs")
        if self.base and self.resolver.dangling(value, self.inside):
            self.say(path, Rule.REFERENCE, "leads to a contained resource that is not there [ref-1]")

    def _type_of(self, url: str) -> str:
        profile = self.known.profiles.get(url)
        name = url.rpartition("/")[2]
        if profile is not None:
            return profile.type
        return name if name in self.known.types else "Any"
