"""A person's record as FHIR resources, made from what is in force when somebody asks."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from bedside.decide.consider import NOTHING_TO_CHANGE
from bedside.decide.recommend import Told, recommend_all
from bedside.decide.recommendation import Recommendation
from bedside.exchange.fhir_genomics_implied import genomic_study, recommended_action, therapeutic
from bedside.exchange.fhir_genomics_out import Writer
from bedside.exchange.fhir_reported_out import reported_resources
from bedside.exchange.fhir_rest import audit_event, consent, indicator, refers, report, stamped, task
from bedside.genome.consent import consent_from
from bedside.genome.event import Event, EventKind
from bedside.genome.record import HeldResult
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.fhir_operations import load_fhir_operations
from bedside.knowledge.lri_answers import load_lri_answers
from bedside.knowledge.terminology import load_terminology
from bedside.service.chart_medicines import problem_codes
from bedside.service.consented_lake import policy_of
from bedside.service.disclose_tasks import chart_tasks
from bedside.service.fhir_chart import chart
from bedside.service.fhir_findings import findings_shown
from bedside.service.fhir_versions import DERIVED, SETTLED, Stamp, stamps
from bedside.service.fhir_versions import KINDS as MAKING
from bedside.service.genomics_implied import genotype_of, haplotypes_of
from bedside.service.house import House
from bedside.service.record_ids import RecordIds
from bedside.service.reported_findings import reported_of
from bedside.service.rules import rules_of
from bedside.service.show_person import current_view
from bedside.store.encode import decode, decode_assay

Resource = dict[str, Any]
_LETTERS = 10


@dataclass(frozen=True, slots=True)
class FhirIds:
    """Ids in the letters that FHIR allows. A resource's id holds whose it is, sealed like a record's id, so
    that it can be found again and says nothing to anybody else."""

    records: RecordIds

    def patient(self, person: str) -> str:
        """The id of a person's record."""
        return self.records.of(person).replace("_", ".")

    def resource(self, person: str, name: str) -> str:
        """The id of a resource of this name about a person."""
        short = hashlib.sha256(name.encode()).hexdigest()[:_LETTERS]
        return self.records.of(f"{person}\x00{short}").replace("_", ".")

    def whose(self, identity: str) -> str | None:
        """The person a resource is about; None when the id is none of this ledger's."""
        found = self.records.person(identity.replace(".", "_"))
        person, parted, _ = (found or "").partition("\x00")
        return person if parted else None


OF_NOBODY = (EventKind.ACCESSED, EventKind.ACCESS_REFUSED)
MOST_OF_NOBODY = 10_000
"""Of what concerns no record, how many of the newest events are told."""


class FhirRecord:
    """One person's record; each property is the resources of one type."""

    def __init__(self, house: House, ids: FhirIds, person: str, told: Told | None = None) -> None:
        self._told = told
        self._house, self._ids, self.person = house, ids, person
        self.reference = f"Patient/{ids.patient(person)}"
        known = load_fhir_operations(house.settings.knowledge_folder)
        self._writer = Writer(self.reference, known, self._id)

    def _id(self, name: str) -> str:
        return self._ids.resource(self.person, name)

    def of(self, kind: str) -> Sequence[Resource]:
        """The resources of a type, each with its version."""
        return tuple(self._stamped(kind, one) for one in KINDS[kind](self))

    @cached_property
    def events(self) -> Sequence[Event]:
        """Everything written down that changes a resource about the person, oldest first."""
        return tuple(self._house.ledger.events(person=self.person, kinds=MAKING))

    @cached_property
    def _stamps(self) -> Mapping[str, Stamp]:
        """The version of each resource by its id; of what is worked out, by ""."""
        found = stamps(self.events)
        named = {name: stamp for (kind, name), stamp in found.items() if name}
        made = {self._id(name): stamp for name, stamp in named.items()}
        if ("Patient", "") in found:
            made[self.reference] = found[("Patient", "")]
        if DERIVED in found:
            made[""] = found[DERIVED]
        return made

    def _stamped(self, kind: str, one: Resource) -> Resource:
        """The resource with its version: what one event says is that event's; what is worked out changes
        with knowledge too, so that its version also holds a digest of what it says."""
        if kind == "AuditEvent":
            return one
        own = self._stamps.get(self.reference if kind == "Patient" else one["id"])
        stamp = own or self._stamps.get("")
        if stamp is None:
            return one
        version = str(stamp.version)
        if kind not in SETTLED or own is None:
            version += f".{hashlib.sha256(orjson.dumps(one)).hexdigest()[:_LETTERS]}"
        return stamped(one, version, stamp.at)

    def chart(self, kind: str, events: Sequence[Event] | None = None) -> Sequence[Resource]:
        """The resources of a settled type as some events leave them; as all do without any given."""
        said = self.events if events is None else events
        return chart(kind, said, self.person, self.reference, self._id)

    def resource_id(self, kind: str, name: str) -> str:
        """The id of a settled resource by its name."""
        return self._ids.patient(self.person) if kind == "Patient" else self._id(name)

    @cached_property
    def _calls(self) -> Mapping[str, GeneCall]:
        view = current_view(self._house, self._house.ledger.results(self.person))
        return {gene: current.call for gene, current in view.items()}

    @cached_property
    def _genotypes(self) -> Mapping[str, Resource]:
        told = (CallStatus.CALLED, CallStatus.INDETERMINATE)
        return {
            gene: genotype_of(self._house, self._writer, call)
            for gene, call in self._calls.items()
            if call.status in told or call.by_single_position
        }

    @cached_property
    def _haplotypes(self) -> Sequence[Resource]:
        found: list[Resource] = []
        for gene, genotype in self._genotypes.items():
            mine = haplotypes_of(self._house, self._writer, self._calls[gene])
            if mine:
                genotype["derivedFrom"] = [{"reference": f"Observation/{one['id']}"} for one in mine]
            found += mine
        return found

    @cached_property
    def _implied(self) -> Sequence[tuple[Recommendation, Resource]]:
        rules = rules_of(self._house).ruleset
        problems = problem_codes(self._house.ledger.problems(self.person))
        found = []
        for one in recommend_all(rules.pgx, rules.phrases, self._calls, problems, self._told):
            basis = [each.gene for each in one.basis if each.gene not in one.unknown_genes]
            genotypes = [self._genotypes[gene] for gene in basis if gene in self._genotypes]
            if genotypes:
                found.append((one, therapeutic(self._writer, one, genotypes)))
        return found

    def observations(self) -> Sequence[Resource]:
        """The genotypes in force with their haplotypes, and what guidance says from them."""
        haplotypes = self._haplotypes
        implications = (one for _, one in self._implied)
        found = findings_shown(self._house, self._writer, self.person, self.events)
        return (*haplotypes, *self._genotypes.values(), *implications, *self._reported, *found)

    @cached_property
    def _reported(self) -> Sequence[Resource]:
        """What laboratories reported, in their words."""
        terms, answers = load_terminology(), load_lri_answers(self._house.settings.knowledge_folder)
        return [
            made
            for one in reported_of(self._house, self._house.ledger.results(self.person))
            for made in reported_resources(
                self._writer,
                terms,
                answers,
                one.finding,
                f"{one.result.result}/{one.digest}",
                one.reported_by,
            )
        ]

    @cached_property
    def _actions(self) -> Sequence[Resource]:
        usage = load_terminology().usage
        return tuple(
            recommended_action(self._writer, one, usage[one.action], implication)
            for one, implication in self._implied
            if one.action in usage and one.action not in NOTHING_TO_CHANGE
        )

    def studies(self) -> Sequence[Resource]:
        """The results as the studies that they came from."""
        results = self._house.ledger.results(self.person)
        bodies = self._house.ledger.content({one.assay for one in results})
        return tuple(
            genomic_study(self._writer, one, decode_assay(decode(bodies[one.assay]))) for one in results
        )

    @cached_property
    def _recent(self) -> Sequence[HeldResult]:
        return [one for one in self._house.ledger.results(self.person) if not one.withdrawn]

    def reports(self) -> Sequence[Resource]:
        """One report over all results in force; none where nothing was ever tested."""
        results = self._recent
        if not results or not (self._calls or self._reported):
            return ()
        references = [f"Observation/{one['id']}" for one in self.observations()]
        issued = max(one.known_at for one in results)
        code = load_terminology().codes["report"]
        made = report(self._id("report"), self.reference, code, self._conclusion(), references, issued)
        actions = [f"Task/{one['id']}" for one in self._actions]
        studies = [f"Procedure/{self._id(f'study/{one.result}')}" for one in results]
        return (refers(made, actions, studies),)

    def _conclusion(self) -> str:
        by_status: dict[CallStatus, list[str]] = {status: [] for status in CallStatus}
        for gene in self._house.pgx.genes:
            call = self._calls.get(gene)
            by_status[CallStatus.NOT_TESTED if call is None else call.status].append(gene)
        uncalled, untested = by_status[CallStatus.NO_CALL], by_status[CallStatus.NOT_TESTED]
        parts = [f"Tested but not called: {', '.join(uncalled)}."] if uncalled else []
        parts += [f"Not tested: {', '.join(untested)}. Not tested is not normal."] if untested else []
        pack = self._house.pgx
        return " ".join([*parts, f"Knowledge {pack.release}; review: {pack.review_state}."])

    def conditions(self) -> Sequence[Resource]:
        """The problem list, and the genomic indicators."""
        return (*self.chart("Condition"), *self.indicators())

    def indicators(self) -> Sequence[Resource]:
        """One genomic indicator for each gene with one certain phenotype."""
        category = load_terminology().indicator_category
        return tuple(
            indicator(
                self._id(f"indicator/{gene}"),
                self.reference,
                category,
                f"{gene} {call.phenotypes[0]}",
                f"Observation/{self._genotypes[gene]['id']}",
            )
            for gene, call in self._calls.items()
            if call.status is CallStatus.CALLED and len(call.phenotypes) == 1 and call.phenotypes != ("n/a",)
        )

    def tasks(self) -> Sequence[Resource]:
        """Duties about the person, without what may not be said yet of a finding; and what guidance proposes
        to do about drugs."""
        every = self._house.ledger.tasks(self.person, open_only=False)
        duties = (
            task(self._id(f"task/{one.task}"), self.reference, one)
            for one in chart_tasks(self._house, self.person, every)
        )
        return (*duties, *self._actions)

    def consents(self) -> Sequence[Resource]:
        """The layers of consent that were ever spoken of, as they stand today."""
        ledger = self._house.ledger
        said, known = ledger.consents(self.person), ledger.person(self.person)
        today, born = self._house.clock().date(), None if known is None else known.birth_date
        weighed = consent_from(self.person, said, born, today, policy_of(self._house))
        return tuple(
            consent(self._id(f"consent/{scope.value}"), self.reference, scope, weighed.of(scope))
            for scope in said
        )

    def audit(self) -> Sequence[Resource]:
        """Who looked at the record, was refused it, and what was written to it, oldest first. Of nobody
        (person ""): what concerns no record, such as tokens given and attempts refused, the newest ones."""
        if not self.person:
            every = self._house.ledger.events(kinds=OF_NOBODY)
            kept = deque((event for event in every if event.person is None), maxlen=MOST_OF_NOBODY)
            return tuple(audit_event(self._id(f"event/{one.sequence}"), "", one) for one in kept)
        return tuple(
            audit_event(self._id(f"event/{event.sequence}"), self.reference, event)
            for event in self._house.ledger.events(person=self.person)
            if event.person == self.person
        )


def _charted(kind: str) -> Callable[[FhirRecord], Sequence[Resource]]:
    return lambda record: record.chart(kind)


KINDS: Mapping[str, Callable[[FhirRecord], Sequence[Resource]]] = {
    "Patient": _charted("Patient"),
    "Observation": FhirRecord.observations,
    "DiagnosticReport": FhirRecord.reports,
    "Procedure": FhirRecord.studies,
    "Condition": FhirRecord.conditions,
    "MedicationStatement": _charted("MedicationStatement"),
    "MedicationRequest": _charted("MedicationRequest"),
    "ServiceRequest": _charted("ServiceRequest"),
    "Specimen": _charted("Specimen"),
    "Task": FhirRecord.tasks,
    "Consent": FhirRecord.consents,
    "AuditEvent": FhirRecord.audit,
}
"""What can be read of each type."""

EVERYTHING = tuple(kind for kind in KINDS if kind != "AuditEvent")
"""What `$everything` gives; who looked at the record is asked for by itself."""
