"""A payer's policy as checked data: whom it binds, what it speaks of, its criteria, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from bedside.genome.coverage import (
    BillingCode,
    DocNeeded,
    DocPurpose,
    Funding,
    InfoNeeded,
    Line,
    PaNeeded,
)
from bedside.knowledge.provenance import Provenance


class FactType(Enum):
    """What kind of value a fact has."""

    YES_NO = "yes-no"
    NUMBER = "number"
    WORD = "word"
    TEXT = "text"
    LIST = "list"


class FromRecord(Enum):
    """Which part of the record or the order answers a fact; FORM when only a person can."""

    AGE_DAYS = "age-days"
    AGE_YEARS = "age-years"
    SETTING = "setting"
    REASON = "reason"
    PROBLEMS = "problems"
    MEDICINES = "medicines"
    ACTIONABLE_DRUGS = "actionable-drugs"
    NEEDED_GENES = "needed-genes"
    TESTED_GENES = "tested-genes"
    EARLIER_SAME_TEST = "earlier-same-test"
    DAYS_SINCE_GENOME = "days-since-genome"
    FEATURES = "features"
    TUMOUR = "tumour"
    TUMOUR_STATE = "tumour-state"
    ORDERER_PRESCRIBES = "orderer-prescribes"
    TEST_KIND = "test-kind"
    TEST_ASSESSED = "test-assessed"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class CoverageFact:
    """One atomic fact. question: in our own words, as a form asks it. answered_by: who can say (`clinical`,
    `admin`, `patient`). codes: what is looked for where `source` needs it, as prefixes. choices: of a
    word."""

    fact: str
    type: FactType
    question: str
    source: FromRecord
    answered_by: DocNeeded
    unit: str = ""
    codes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class Comparison(Enum):
    """How an atom asks for its fact."""

    IS = "is"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BELOW = "below"
    ANY_OF = "any_of"
    OTHER_THAN = "other_than"
    COUNT_AT_LEAST = "count_at_least"
    COUNT_AT_MOST = "count_at_most"


@dataclass(frozen=True, slots=True)
class Atom:
    """One criterion: a fact compared with values. says: the criterion in our own words. citation: where the
    policy says so. criterion: its id within the policy."""

    criterion: str
    fact: str
    comparison: Comparison
    values: tuple[bool | float | str, ...]
    says: str
    citation: str


class Join(Enum):
    """How the parts of a group make a whole. NOT has one part."""

    ALL = "all"
    ANY = "any"
    N_OF = "n_of"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Group:
    """Several criteria as one. needed: how many must hold, for N_OF."""

    join: Join
    parts: tuple[Tree, ...]
    needed: int = 0


Tree = Atom | Group
NOTHING_ASKED = Group(Join.ALL, ())
"""No criterion: always met."""


def atoms(tree: Tree) -> Iterator[Atom]:
    """Every criterion of a tree, in the order written."""
    if isinstance(tree, Atom):
        yield tree
    else:
        for part in tree.parts:
            yield from atoms(part)


class Level(Enum):
    """Where a policy stands in the order of precedence, which its own pack states and cites."""

    STATE_LAW = "state-law"
    NATIONAL = "national"
    LOCAL = "local"
    PLAN = "plan"


class Follows(Enum):
    """What follows from criteria that are met, or are not. SILENT: the policy then says nothing, as a law
    that obliges does not forbid."""

    COVERED = "covered"
    NOT_COVERED = "not-covered"
    CONDITIONAL = "conditional"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """What a policy binds and speaks of; an empty part leaves it open. kinds, genes, codes, z_codes: one
    match of any is enough. where: further facts, such as setting and age."""

    payers: frozenset[str] = frozenset()
    lines: frozenset[Line] = frozenset()
    fundings: frozenset[Funding] = frozenset()
    states: frozenset[str] = frozenset()
    contractors: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    genes: frozenset[str] = frozenset()
    codes: frozenset[BillingCode] = frozenset()
    z_codes: frozenset[str] = frozenset()
    where: Tree = NOTHING_ASKED


@dataclass(frozen=True, slots=True)
class PolicyExample:
    """A worked example: an order's test, plan, day and facts, and what must be answered. missing: the facts
    that must be asked for."""

    says: str
    test: str
    kind: str
    genes: frozenset[str] | None
    payer: str
    on: date
    facts: Mapping[str, bool | float | str | tuple[str, ...]]
    answer: str
    missing: frozenset[str]
    plan: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CoveragePolicy:
    """A checked policy. source_sha256: of the document that was read, "" where only an account of it was;
    then `read` says what was. when_met, when_not_met: what follows. limits: what a reader must know of the
    answer, in our own words."""

    provenance: Provenance
    policy: str
    title: str
    level: Level
    effective_from: date
    effective_to: date | None
    source_url: str
    source_sha256: str
    read: str
    applies_to: AppliesTo
    criteria: Tree
    when_met: Follows
    when_not_met: Follows
    pa_needed: PaNeeded
    doc_needed: tuple[DocNeeded, ...]
    doc_purpose: tuple[DocPurpose, ...]
    info_needed: tuple[InfoNeeded, ...]
    questionnaire: str
    billing_codes: tuple[BillingCode, ...] = ()
    limits: tuple[str, ...] = ()
    answer_days: int = 30
    examples: tuple[PolicyExample, ...] = ()

    @property
    def version(self) -> str:
        """What every answer names: the policy and the beginning of its file's digest."""
        return f"{self.policy}@{self.provenance.sha256[:12]}"

    def in_force(self, day: date) -> bool:
        """Whether the policy is in force on a day of service."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    @property
    def asks_of(self) -> tuple[Atom, ...]:
        """Every criterion, those of what it applies to first."""
        return (*atoms(self.applies_to.where), *atoms(self.criteria))
