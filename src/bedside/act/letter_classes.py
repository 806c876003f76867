"""Which letters a result asks for: what is in it, sorted by the class of letter that tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bedside.genome.letter import ResultClass
from bedside.genome.reported import AllelicState, FindingKind, ReportedFinding, ReportedPresence
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.letter_rules import LetterClasses

_OPEN = (ReportedPresence.INDETERMINATE, ReportedPresence.NO_CALL)


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a result holds for letters. findings: class → places in the findings given. untold: findings that
    no letter tells, each with why. read, unread: genes of medicines with an answer, and without."""

    findings: Mapping[ResultClass, tuple[int, ...]] = field(default_factory=dict)
    untold: tuple[tuple[int, str], ...] = ()
    read: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[ResultClass, ...]:
        """The letters there can be, the weightiest first. Nothing was found only where something was looked
        for, and nothing else was said."""
        asked = set(self.findings)
        if self.read:
            asked.add(ResultClass.DRUGS)
        elif self.unread:
            asked.add(ResultClass.INCONCLUSIVE)
        if ResultClass.NOTHING in asked and (len(asked) > 1 or self.untold):
            asked.discard(ResultClass.NOTHING)
        return tuple(one for one in ResultClass if one in asked)


def sort_result(
    findings: Sequence[ReportedFinding], calls: Mapping[str, GeneCall], classes: LetterClasses
) -> Sorted:
    """A result's findings and calls by the class of letter."""
    of: dict[ResultClass, list[int]] = {}
    untold = []
    for place, one in enumerate(findings):
        found = _class_of(one, findings, classes)
        for about in found if isinstance(found, tuple) else ():
            of.setdefault(about, []).append(place)
        if isinstance(found, str):
            untold.append((place, found))
    return Sorted(
        {about: tuple(places) for about, places in of.items()},
        tuple(untold),
        tuple(sorted(gene for gene, call in calls.items() if call.status is CallStatus.CALLED)),
        tuple(sorted(gene for gene, call in calls.items() if call.status is not CallStatus.CALLED)),
    )


def _class_of(
    one: ReportedFinding, findings: Sequence[ReportedFinding], classes: LetterClasses
) -> tuple[ResultClass, ...] | str:
    """The classes a finding may be told under, none where it needs no letter, or why no letter tells it."""
    if one.source.value in classes.not_of_the_person:
        return f"a {one.source.value.replace('-', ' ')} finding has no letter of its own"
    if one.kind is not FindingKind.VARIANT:
        return f"a statement about a {one.kind.value} has no letter of its own"
    if one.presence in _OPEN:
        return (ResultClass.INCONCLUSIVE,)
    if one.presence is ReportedPresence.ABSENT:
        return (ResultClass.NOTHING,)
    if one.presence is ReportedPresence.NOT_SAID:
        return "the report does not say whether it is present"
    said = {word.lower() for word in (one.classification.text, one.classification.code) if word}
    if not said:
        return "the report gives it no class"
    kinds = [name for name in ("causes", "uncertain", "mild") if said & getattr(classes, name)]
    if len(kinds) != 1:
        return f"its class ({one.classification.words}) leads to no letter"
    if kinds == ["uncertain"]:
        return (ResultClass.UNCERTAIN,)
    return () if kinds == ["mild"] else _cause(one, findings, classes)


def _cause(
    one: ReportedFinding, findings: Sequence[ReportedFinding], classes: LetterClasses
) -> tuple[ResultClass, ...]:
    """A cause of disease: one copy of a recessive gene makes a carrier. With a second change in the gene it
    may be either, and a clinician says which; so it is with what the test was not done for."""
    ways = {word.lower() for word in (one.inheritance.text, one.inheritance.code) if word}
    if one.allelic_state is AllelicState.HETEROZYGOUS and ways & classes.recessive:
        also = [
            other
            for other in findings
            if other is not one
            and other.gene == one.gene
            and other.presence in (ReportedPresence.PRESENT, *_OPEN)
        ]
        return (ResultClass.CARRIER, ResultClass.FINDING) if also else (ResultClass.CARRIER,)
    return (ResultClass.FINDING, ResultClass.SECONDARY)
