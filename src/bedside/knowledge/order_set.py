"""Order sets as data: therapy slots and the items offered in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.genome.code import Code, System
from bedside.knowledge.provenance import Provenance, rule_files


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One thing that can be ordered: its codes and text, as the order set names it."""

    id: str
    codes: tuple[Code, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """Items that serve one purpose in the order set; at least one must stay orderable."""

    id: str
    title: str
    items: tuple[OrderItem, ...]


@dataclass(frozen=True, slots=True)
class OrderSet:
    """An order set; `provenance` is None for one that came with a request."""

    id: str
    title: str
    slots: tuple[Slot, ...]
    provenance: Provenance | None = None


def load_order_sets(root: Path | None = None) -> Mapping[str, OrderSet]:
    """The sample order sets and a site's own, by id; raises PackError."""
    found: dict[str, OrderSet] = {}
    for file in rule_files("order_sets", root):
        try:
            slots = tuple(
                Slot(
                    slot["id"],
                    slot["title"],
                    tuple(
                        OrderItem(i["id"], (Code(System.RXNORM, i["rxnorm"], i["text"]),), i["text"])
                        for i in slot["item"]
                    ),
                )
                for slot in file.document["slot"]
            )
            found[file.document["id"]] = OrderSet(
                file.document["id"], file.document["title"], slots, file.provenance
            )
        except (KeyError, TypeError) as error:
            raise file.fail(f"not an order set: {error}") from error
    return found
