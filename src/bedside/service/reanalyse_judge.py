"""What a release means for people who carry what it changed: the gates before and after, then the judgement.

Alike people are judged once. A person's other variants of the gene count where a disease needs both copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bedside.act.reanalysis import Case, Gate, Judgement, Standing, follow, judge
from bedside.act.reanalysis_memory import NOTHING, Pair, Remembered
from bedside.genome.variant import Variant
from bedside.interpret.germline.screened import Outcome, ReasonCode, Screened
from bedside.knowledge.reanalysis_policy import ReanalysisPolicy
from bedside.service.screen_gates import Gates, Held, KindOfPerson, by_sex, freest, together
from bedside.service.screen_subjects import Subjects


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One allele in both releases; `genes` are those of a panel in force. moved: its record is about another
    allele now."""

    variant: Variant
    text: str
    genes: tuple[str, ...]
    before: Standing
    after: Standing
    moved: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What the gates say under both releases about a variant in one gene; the answer after it, if any."""

    gene: str
    before: Gate
    after: Gate
    answer: Screened | None


@dataclass(frozen=True, slots=True)
class Judged:
    """One person and one changed variant."""

    person: str
    change: Change
    held: Held
    weighed: Weighed
    case: Case
    judgement: Judgement
    remembered: Remembered


@dataclass(slots=True)
class Judge:
    """Judges person after person. others: by person and gene, everything carried in the genes whose variants
    are weighed together."""

    before: Gates
    after: Gates
    subjects: Subjects
    memory: Mapping[Pair, Remembered]
    others: Mapping[tuple[str, str], tuple[Held, ...]]
    policy: ReanalysisPolicy
    _weighed: dict[tuple[object, ...], Weighed] = field(default_factory=dict)
    _judged: dict[tuple[object, ...], tuple[Case, Judgement]] = field(default_factory=dict)
    _together: frozenset[str] = frozenset()
    _sexed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self._together, self._sexed = together(self.after.panels), by_sex(self.after.panels)

    def judged(self, rows: Iterable[tuple[Change, str, Held]]) -> Iterator[Judged]:
        """Each row's judgement, in the order of the rows."""
        for change, person, held in rows:
            remembered = self.memory.get((person, change.text), NOTHING)
            weighed = self._weigh(change, person, held)
            asked = (id(change), id(weighed), id(remembered))
            found = self._judged.get(asked)
            if found is None:
                case = _case(change, weighed, remembered)
                found = self._judged[asked] = (case, judge(case, self.policy))
            yield Judged(person, change, held, weighed, *found, remembered)

    def _weigh(self, change: Change, person: str, held: Held) -> Weighed:
        if len(change.genes) == 1:
            return self._weigh_gene(change, change.genes[0], person, held)
        found = [self._weigh_gene(change, gene, person, held) for gene in change.genes]
        return min(
            found,
            key=lambda one: (one.after.outcome.strictness, one.before.outcome.strictness),
            default=_UNWEIGHED,
        )

    def _weigh_gene(self, change: Change, gene: str, person: str, held: Held) -> Weighed:
        several = self.others.get((person, gene), (held,)) if gene in self._together else (held,)
        kind = self.subjects.of(person, sexed=gene in self._sexed)
        asked = (gene, held.variant.key, several, kind)
        weighed = self._weighed.get(asked)
        if weighed is None:
            weighed = self._weighed[asked] = self._ask(gene, held.variant, several, kind)
        return weighed

    def _ask(self, gene: str, variant: Variant, held: tuple[Held, ...], kind: KindOfPerson) -> Weighed:
        one = freest(self.before.ask(gene, held, kind)).get(variant)
        other = freest(self.after.ask(gene, held, kind)).get(variant)
        return Weighed(gene, _gate(one), _gate(other), other)


def _case(change: Change, weighed: Weighed, remembered: Remembered) -> Case:
    history = follow(follow(remembered.history, change.before), change.after)
    told, tasks = remembered.told, frozenset(remembered.open)
    return Case(history, weighed.before, weighed.after, told, tasks, change.moved, remembered.judged)


def _gate(answer: Screened | None) -> Gate:
    return _NOTHING if answer is None else Gate(answer.outcome, answer.reason.value)


_NOTHING = Gate(Outcome.NO_ACTION, ReasonCode.NOT_CLASSIFIED.value)
_UNWEIGHED = Weighed("", _NOTHING, _NOTHING, None)
