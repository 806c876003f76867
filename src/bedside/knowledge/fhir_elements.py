"""The elements of a FHIR StructureDefinition's snapshot as a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

UNBOUNDED = 1 << 30


@dataclass(frozen=True, slots=True)
class Type:
    """A type that an element may have. profiles: those that its value must have; targets: what a reference
    may lead to (addresses of definitions)."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discriminator:
    """How a slice is told from the others: the kind (value, pattern, type, profile …) at a path."""

    kind: str
    path: str


@dataclass(slots=True, eq=False)
class Element:
    """An element, the elements inside it, and its slices. fixed: what it must be; pattern: what it must have.
    like: the path of the element whose inside it shares. name: the last part of its path, `value[x]` for a
    choice of types."""

    name: str
    slice: str = ""
    least: int = 0
    most: int = UNBOUNDED
    types: tuple[Type, ...] = ()
    fixed: Any = None
    pattern: Any = None
    value_set: str = ""
    like: str = ""
    discriminators: tuple[Discriminator, ...] = ()
    children: list[Element] = field(default_factory=list)
    slices: list[Element] = field(default_factory=list)


def tree(elements: Sequence[Mapping[str, Any]]) -> Element:
    """The root of a snapshot's elements, which come parents first."""
    found: dict[str, Element] = {}
    for one in elements:
        identity = str(one["id"])
        made = found[identity] = _element(one)
        outer, _, last = identity.rpartition(".")
        if made.slice:
            of = identity[: -len(made.slice) - 1]
            (found[of] if of in found else _sliced(found, identity)).slices.append(made)
        elif last and outer:
            found[outer].children.append(made)
    return found[str(elements[0]["id"])]


def _sliced(found: Mapping[str, Element], identity: str) -> Element:
    """The element that a slice of a slice (`result:variant/reslice`) belongs to."""
    return found[identity.rpartition("/")[0]]


def _element(one: Mapping[str, Any]) -> Element:
    most = str(one.get("max", "*"))
    binding = one.get("binding", {})
    required = binding.get("strength") == "required"
    told = {name: value for name, value in one.items() if name.startswith(("fixed", "pattern"))}
    return Element(
        name=str(one["path"]).rpartition(".")[2],
        slice=str(one.get("sliceName", "")),
        least=int(one.get("min", 0)),
        most=UNBOUNDED if most == "*" else int(most),
        types=tuple(
            Type(_code(of), tuple(of.get("profile", ())), tuple(of.get("targetProfile", ())))
            for of in one.get("type", ())
        ),
        fixed=next((value for name, value in told.items() if name.startswith("fixed")), None),
        pattern=next((value for name, value in told.items() if name.startswith("pattern")), None),
        value_set=str(binding.get("valueSet", "")).partition("|")[0] if required else "",
        like=str(one.get("contentReference", "")).rpartition("#")[2],
        discriminators=tuple(
            Discriminator(of["type"], of["path"]) for of in one.get("slicing", {}).get("discriminator", ())
        ),
    )


def _code(of: Mapping[str, Any]) -> str:
    """The name of a type; what the definitions write as a FHIRPath type is the primitive of that name."""
    code = str(of.get("code", ""))
    return code.rpartition(".")[2].lower() if code.startswith("http://hl7.org/fhirpath/") else code
