"""The whole of what is known about coverage: policies, the vocabulary of facts, plans, codes, precedence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedside.genome.coverage import BillingCode, Funding, Line, Plan, Pointer
from bedside.genome.observation import digest
from bedside.knowledge.coverage_policy import CoverageFact, CoveragePolicy, Level
from bedside.knowledge.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Precedence:
    """In which order the levels are read, and why each stands where it does, with its citation."""

    provenance: Provenance
    levels: tuple[Level, ...]
    why: Mapping[Level, str]


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """A payer's plan that can be named at the command line or in a record. names: as records write it."""

    payer: str
    title: str
    line: Line
    funding: Funding
    state: str
    contractor: str
    names: frozenset[str]

    @property
    def plan(self) -> Plan:
        """The plan, of nobody in particular."""
        return self.of(())

    def of(self, evidence: tuple[Pointer, ...]) -> Plan:
        """The plan of somebody, with where it stands that it is theirs."""
        return Plan(
            self.payer,
            self.line,
            self.funding,
            self.state,
            self.contractor,
            self.title,
            evidence=evidence,
        )


@dataclass(frozen=True, slots=True)
class KnownTest:
    """A test as payers see it. test: its id in the catalogue; codes: what it may be billed by; assessed:
    whether a technical assessment is on file, None where nobody says."""

    test: str
    kind: str
    codes: tuple[BillingCode, ...] = ()
    z_code: str = ""
    assessed: bool | None = None


@dataclass(frozen=True, slots=True)
class KnownCode:
    """A billing code by its number: what kind of test it stands for and which genes, in our own words."""

    code: BillingCode
    kind: str
    genes: frozenset[str]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How the vocabulary reads a record. levels, labels: of a gene-drug pair on which one acts; not_counted:
    medicines whose genes are not needed on this account; units: where a hospital unit is, as a setting;
    stay_days: so long an admission counts when nobody wrote that the stay ended."""

    levels: frozenset[str]
    labels: frozenset[str]
    not_counted: frozenset[str]
    units: Mapping[str, str]
    stay_days: int


@dataclass(frozen=True, slots=True)
class CoveragePack:
    """Everything an answer is worked out from, besides the order. kinds: of tests, with our own words;
    urgent: what kind a test becomes when it is ordered urgently."""

    policies: Mapping[str, CoveragePolicy]
    facts: Mapping[str, CoverageFact]
    facts_from: Provenance
    reading: Reading
    plans: Mapping[str, KnownPlan]
    tests: Mapping[str, KnownTest]
    codes: Mapping[BillingCode, KnownCode]
    kinds: Mapping[str, str]
    urgent: Mapping[str, str]
    precedence: Precedence
    labels: Mapping[BillingCode, str]

    def plan_named(self, name: str) -> KnownPlan | None:
        """The plan of this id, or the one that a record writes so; None when there is none or several."""
        if name in self.plans:
            return self.plans[name]
        wanted = name.strip().casefold()
        found = [one for one in self.plans.values() if wanted in one.names]
        return found[0] if len(found) == 1 else None

    @property
    def release(self) -> str:
        """The digest of everything that can decide an answer."""
        parts = [self.facts_from.sha256, self.precedence.provenance.sha256]
        return digest("\0".join([*parts, *sorted(one.version for one in self.policies.values())]).encode())[
            :16
        ]
