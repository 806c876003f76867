"""A round as lines of TSV, and what a person must know of it in a few sentences."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.service.undiagnosed_round import Feature, Round

COLUMNS = (
    "rank",
    "person",
    "who_to_look_at",
    "resembles",
    "resembles_name",
    "features",
    "of",
    "residual",
    "reasons",
    "as_of",
    "versions",
)


def tsv(one: Round) -> Iterator[str]:
    """A line for each person, most surprising first, under the names of the columns."""
    yield "\t".join(COLUMNS)
    for line in one.lines:
        yield "\t".join(
            (
                str(line.rank),
                line.person,
                f"{line.surprise:.3f}",
                line.disease,
                line.disease_name,
                str(line.features),
                str(line.of),
                f"{line.residual:.3f}",
                "; ".join(reason(held, one.least_cell) for held in line.reasons),
                one.as_of.isoformat(),
                "; ".join(one.versions),
            )
        )


def reason(held: Feature, least_cell: int) -> str:
    """A reason in words: what, how many people of the house have it, since when."""
    people = f"fewer than {least_cell}" if held.people < least_cell else f"{held.people:,}"
    since = "" if held.first is None else f", first {held.first.isoformat()}"
    return f"{held.name} ({people} people{since})"


def summary(one: Round) -> Iterator[str]:
    """What was looked at, who was left out, what was not understood, and what the list would miss."""
    yield (
        f"{one.people:,} people as of {one.as_of}, {one.without_codes:,} without a code and never listed; "
        f"{one.diseases:,} diseases; {len(one.lines)} listed, the clinic's capacity is {one.capacity}"
    )
    for why, count in one.left_out.items():
        yield f"left out, {why}: {count}"
    if one.strangers:
        yield f"{one.strangers:,} codes are of people who are not in the table of people; they were not used"
    for system, looked in one.unread.looked_up.items():
        missed, entries = one.unread.distinct.get(system, 0), one.unread.entries.get(system, 0)
        yield f"{system}: {missed:,} of {looked:,} distinct codes are in no map ({entries:,} entries)"
    for system, code, people in one.unread.frequent:
        yield f"in no map: {system} {code}, {people:,} people"
    yield (
        f"{one.without_diagnosis:,} diseases have no diagnosis code in the maps: that they are diagnosed "
        "already cannot be seen from codes"
    )
    yield from _recall(one)
    yield "this says whose chart to look at, not which gene; nothing is ordered by it"
    yield f"versions: {'; '.join(one.versions)}; {one.review_state}"


def _recall(one: Round) -> Iterator[str]:
    if one.recall is None:
        yield f"{one.labelled} people have a known answer: too few to say whom the list would miss"
        return
    low, high = one.recall.interval or (0.0, 1.0)
    yield (
        f"of {one.recall.of} people with a known answer {one.recall.count} would be found without their "
        f"diagnosis codes ({100 * low:.0f} to {100 * high:.0f} %)"
    )
    for line in one.groups:
        if line.recall is None:
            yield f"{line.kind} {line.group}: too few with a known answer"
            continue
        gap = "" if line.gap is None else " gap {:+.2f} ({:+.2f} to {:+.2f})".format(*line.gap)
        yield f"{line.kind} {line.group}: {line.recall.count} of {line.recall.of}{gap}"
