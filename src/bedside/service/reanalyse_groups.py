"""Everything a reanalysis looked at, no-ops too: written once for each distinct outcome, with the people.

The document is JSON, one group a line, in genome order: the same releases and the same record give the same
bytes, whatever the libraries' versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.act.reanalysis import Judgement, Kind, Standing
from bedside.store.encode import canonical, decode

COLUMNS = ("person", "variant", "from", "to", "kind", "action", "owner", "due", "reason_code")


@dataclass(frozen=True, slots=True)
class Group:
    """People with one variant for whom a release means the same. before, after: the class in words and its
    stars. owner, due: of the task that was opened, "" where nothing is owed. key: the variant's place in the
    genome, for the order; it is not written."""

    variant: str
    gene: str
    before: tuple[str, int]
    after: tuple[str, int]
    kind: str
    action: str
    reason: str
    people: tuple[str, ...]
    owner: str = ""
    due: str = ""
    key: int = 0

    def rows(self) -> Iterator[tuple[str, ...]]:
        """One row a person, in the order of `COLUMNS`."""
        same = (self.before[0], self.after[0], self.kind, self.action, self.owner, self.due, self.reason)
        return ((person, self.variant, *same) for person in self.people)


def group(
    variant: str,
    gene: str,
    before: Standing,
    after: Standing,
    judgement: Judgement,
    people: Iterable[str],
    owner: str = "",
    due: str = "",
    key: int = 0,
) -> Group:
    """The group of people for whom a change is judged alike."""
    return Group(
        variant,
        gene,
        said(before),
        said(after),
        judgement.kind.value,
        judgement.action.value,
        judgement.reason,
        tuple(people),
        owner,
        due,
        key,
    )


def said(standing: Standing) -> tuple[str, int]:
    """A class in one word, with its stars."""
    if standing.classification is None:
        return "absent", 0
    return standing.classification.value, standing.stars


def in_order(groups: Iterable[Group]) -> tuple[Group, ...]:
    """By place in the genome, then by what follows."""
    return tuple(sorted(groups, key=_order))


def _order(one: Group) -> tuple[Any, ...]:
    return (one.key, one.variant, one.gene, one.kind, one.action, one.reason, one.owner, one.people)


def counts_of(groups: Iterable[Group]) -> Mapping[str, int]:
    """How many people and variants fell to each kind, those with none left out."""
    counts = Counter[str]()
    for one in groups:
        counts[one.kind] += len(one.people)
    names = [*(kind.value for kind in Kind), *sorted(set(counts) - {kind.value for kind in Kind})]
    return {name: counts[name] for name in names if counts[name]}


def write_document(header: Mapping[str, Any], groups: Sequence[Group]) -> bytes:
    """The document of a reanalysis: its header, then one group a line."""
    lines = [canonical({"document": "reanalysis", **header})]
    lines += [
        canonical(
            {
                "variant": one.variant,
                "gene": one.gene,
                "from": one.before,
                "to": one.after,
                "kind": one.kind,
                "action": one.action,
                "owner": one.owner,
                "due": one.due,
                "reason": one.reason,
                "people": one.people,
            }
        )
        for one in groups
    ]
    return b"\n".join(lines) + b"\n"


def read_document(content: bytes) -> tuple[Mapping[str, Any], tuple[Group, ...]]:
    """The header and the groups of a document."""
    header, *lines = (decode(line) for line in content.splitlines())
    return header, tuple(
        Group(
            one["variant"],
            one["gene"],
            (one["from"][0], one["from"][1]),
            (one["to"][0], one["to"][1]),
            one["kind"],
            one["action"],
            one["reason"],
            tuple(one["people"]),
            one["owner"],
            one["due"],
        )
        for one in lines
    )


def table_lines(groups: Iterable[Group]) -> Iterator[str]:
    """The rows as tab-separated text with a header."""
    yield "\t".join(COLUMNS)
    for one in groups:
        for row in one.rows():
            yield "\t".join(row)


def json_lines(groups: Iterable[Group]) -> Iterator[str]:
    """The rows as a JSON array, one object a line, with gene and stars."""
    first = True
    for one in groups:
        more = {"gene": one.gene, "stars_from": one.before[1], "stars_to": one.after[1]}
        for row in one.rows():
            text = canonical({**dict(zip(COLUMNS, row, strict=True)), **more}).decode()
            yield ("[" if first else ",") + text
            first = False
    yield "[]" if first else "]"
