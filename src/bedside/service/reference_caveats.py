"""What a germline result says on its face of the reference it was read against, for this person."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.knowledge.equity import load_gap_policy, load_references
from bedside.service.house import House


@dataclass(frozen=True, slots=True)
class Face:
    """The words beside a result. caveats: empty where the reference is large enough for the person's group.
    rates: how often findings are uncertain in that group, where it was published. review_state: of the
    figures."""

    size: str
    caveats: tuple[str, ...]
    rates: tuple[str, ...]
    review_state: str


def face_of(house: House, person: str) -> Face:
    """The face of a person's germline results, by the ancestry they gave themselves; nothing is read from a
    genome. Raises PackError."""
    root = house.settings.knowledge_folder
    references, policy = load_references(root), load_gap_policy(root)
    held = house.ledger.person(person)
    said = "" if held is None else held.ancestry
    sizes = [references.size(name, said, policy.least_reference) for name in references.titles]
    near = f"people of the group nearest to {said}"
    known = [f"{one.people:,} {near}" for one in sizes if one.people is not None]
    rates = [words for one in references.uncertain if (words := one.words(sizes[0].group))]
    size = known[0] if known else "how many people like this one are in it is not known"
    return Face(
        f"Reference: {size}.",
        tuple(one.words for one in sizes if one.small),
        tuple(rates),
        references.provenance.review_state,
    )
