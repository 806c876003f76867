"""The four gates for many people at once: asked once for each distinct thing carried by each kind of person.

What the gates say depends on the variants, on how they are carried, and of the person only on sex, majority
and consent. So a million people need a few thousand questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bedside.genome.consent import Consent, Decision, Said, Scope
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant
from bedside.interpret.germline.mechanism_gate import alone
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, Screened, Subject
from bedside.knowledge.classification import ClassifiedVariant
from bedside.knowledge.findings_panel import Copies, Panel

Records = Callable[[Variant], tuple[ClassifiedVariant, ...]]
"""What a release says of a variant; nothing when it has no record of it."""


@dataclass(frozen=True, slots=True, eq=False)
class KindOfPerson:
    """All that the gates look at of a person; one object for everybody alike. of_age: None when nobody knows;
    consent: the decisions in force that differ from "never asked"."""

    sex: Sex = Sex.UNKNOWN
    of_age: bool | None = None
    consent: tuple[tuple[Scope, Decision], ...] = ()

    def subject(self) -> Subject:
        """As the gates take it."""
        said = {scope: Said(decision) for scope, decision in self.consent}
        return Subject(self.sex, None, self.of_age, Consent("", said))


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A variant as people carry it; one object for all who carry it alike."""

    variant: Variant
    zygosity: Zygosity
    confirmation: Confirmation
    phase_set: int | None = None
    strands: int = 0


@dataclass(slots=True)
class Gates:
    """The gates of some panels under one release; remembers every answer."""

    panels: Sequence[Panel]
    records: Records
    _of_gene: dict[str, tuple[Panel, ...]] = field(default_factory=dict)
    _answers: dict[tuple[object, ...], tuple[Screened, ...]] = field(default_factory=dict)

    def ask(self, gene: str, held: tuple[Held, ...], person: KindOfPerson) -> tuple[Screened, ...]:
        """What every panel says of these variants of a gene; for a gene that needs both copies, give all of
        them together."""
        asked = (gene, held, person)
        answer = self._answers.get(asked)
        if answer is None:
            subject = person.subject()
            carried = [self._carried(one) for one in held]
            answer = tuple(found for panel in self._panels(gene) for found in screen(panel, carried, subject))
            self._answers[asked] = answer
        return answer

    def _carried(self, one: Held) -> Carried:
        return Carried(
            one.variant,
            one.zygosity,
            one.phase_set,
            one.strands,
            self.records(one.variant),
            one.confirmation,
        )

    def _panels(self, gene: str) -> tuple[Panel, ...]:
        """The panels with only the rows of this gene."""
        if gene not in self._of_gene:
            self._of_gene[gene] = tuple(
                replace(panel, rows=panel.by_gene[gene]) for panel in self.panels if gene in panel.by_gene
            )
        return self._of_gene[gene]


def genes_of(panels: Sequence[Panel]) -> frozenset[str]:
    """Every gene that one of the panels looks at."""
    return frozenset(gene for panel in panels for gene in panel.by_gene)


def together(panels: Sequence[Panel]) -> frozenset[str]:
    """The genes whose variants are weighed together, because a disease needs both copies."""
    return frozenset(
        gene
        for panel in panels
        for gene, rows in panel.by_gene.items()
        if not all(alone(row) for row in rows)
    )


def by_sex(panels: Sequence[Panel]) -> frozenset[str]:
    """The genes where the answer depends on the person's sex."""
    return frozenset(
        gene
        for panel in panels
        for gene, rows in panel.by_gene.items()
        if any(row.copies in (Copies.X_ANY, Copies.X_TWO) for row in rows)
    )


def freest(answers: Sequence[Screened]) -> Mapping[Variant, Screened]:
    """For each variant the answer that lets most through, the first of several."""
    best: dict[Variant, Screened] = {}
    for answer in answers:
        for variant in answer.variants:
            held = best.get(variant)
            if held is None or answer.outcome.strictness < held.outcome.strictness:
                best[variant] = answer
    return best
