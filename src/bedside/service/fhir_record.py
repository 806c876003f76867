"""A person's record as FHIR resources, made from what is in force when somebody asks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bedside.decide.recommend import recommend_all
from bedside.exchange.fhir_genomics_implied import therapeutic
from bedside.exchange.fhir_genomics_out import Writer
from bedside.exchange.fhir_rest import audit_event, consent, indicator, patient, report, task
from bedside.genome.consent import consent_from
from bedside.genome.person import Person
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.fhir_operations import load_fhir_operations
from bedside.knowledge.terminology import load_terminology
from bedside.service.chart_medicines import problem_codes
from bedside.service.consented_lake import policy_of
from bedside.service.disclose_tasks import chart_tasks
from bedside.service.genomics_implied import genotype_of
from bedside.service.house import House
from bedside.service.record_ids import RecordIds
from bedside.service.rules import rules_of
from bedside.service.show_person import current_view

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


class FhirRecord:
    """One person's record; each property is the resources of one type."""

    def __init__(self, house: House, ids: FhirIds, person: str) -> None:
        self._house, self._ids, self.person = house, ids, person
        self.reference = f"Patient/{ids.patient(person)}"
        known = load_fhir_operations(house.settings.knowledge_folder)
        self._writer = Writer(self.reference, known, self._id)

    def _id(self, name: str) -> str:
        return self._ids.resource(self.person, name)

    def of(self, kind: str) -> Sequence[Resource]:
        """The resources of a type."""
        return KINDS[kind](self)

    def patients(self) -> Sequence[Resource]:
        """The person."""
        known = self._house.ledger.person(self.person) or Person(self.person)
        return (patient(self._ids.patient(self.person), known),)

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
            if call.status in told
        }

    @cached_property
    def _implications(self) -> Sequence[Resource]:
        rules = rules_of(self._house).ruleset
        problems = problem_codes(self._house.ledger.problems(self.person))
        found = []
        for one in recommend_all(rules.pgx, rules.phrases, self._calls, problems):
            basis = [each.gene for each in one.basis if each.gene not in one.unknown_genes]
            genotypes = [self._genotypes[gene] for gene in basis if gene in self._genotypes]
            if genotypes:
                found.append(therapeutic(self._writer, one, genotypes))
        return found

    def observations(self) -> Sequence[Resource]:
        """The genotypes in force, and what guidance says from them."""
        return (*self._genotypes.values(), *self._implications)

    def reports(self) -> Sequence[Resource]:
        """One report over all results in force; none where nothing was ever tested."""
        results = [one for one in self._house.ledger.results(self.person) if not one.withdrawn]
        if not self._calls or not results:
            return ()
        references = [f"Observation/{one['id']}" for one in self.observations()]
        issued = max(one.known_at for one in results)
        code = load_terminology().codes["report"]
        return (report(self._id("report"), self.reference, code, self._conclusion(), references, issued),)

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
        """Duties about the person; what may not be said yet of a finding stays out of their words."""
        every = self._house.ledger.tasks(self.person, open_only=False)
        return tuple(
            task(self._id(f"task/{one.task}"), self.reference, one)
            for one in chart_tasks(self._house, self.person, every)
        )

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
        """Who looked at the record and what was written to it, oldest first."""
        return tuple(
            audit_event(self._id(f"event/{event.sequence}"), self.reference, event)
            for event in self._house.ledger.events(person=self.person)
            if event.person == self.person
        )


KINDS: Mapping[str, Callable[[FhirRecord], Sequence[Resource]]] = {
    "Patient": FhirRecord.patients,
    "Observation": FhirRecord.observations,
    "DiagnosticReport": FhirRecord.reports,
    "Condition": FhirRecord.indicators,
    "Task": FhirRecord.tasks,
    "Consent": FhirRecord.consents,
    "AuditEvent": FhirRecord.audit,
}
"""What can be read of each type."""

EVERYTHING = ("Patient", "DiagnosticReport", "Observation", "Condition", "Task", "Consent")
"""What `$everything` gives; who looked at the record is asked for by itself."""
