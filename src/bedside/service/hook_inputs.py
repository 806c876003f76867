"""Everything one answer depends on, as plain values: stored with the answer, and enough to give it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bedside.decide.moment import Draft, Moment, Taken
from bedside.decide.restraint import NOTHING_AROUND, Circumstances
from bedside.genome.observation import digest
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.alert_policy import read_override, write_override
from bedside.knowledge.pgx import Drug
from bedside.knowledge.ruleset import Ruleset
from bedside.store.encode import canonical, decode_call, encode_call

LARGEST_RESOURCE = 32_000
"""A draft larger than this is not kept, so that no suggestion is made from it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """service: the id of the hook's service. patient: a digest of the server's and the patient's id, so that
    no two patients share an answer. answered: (order, drug, rules) of cards already answered. around: what
    keeps alerts few; it is stored only where there is any.
    """

    service: str
    instance: str
    moment: Moment
    calls: Mapping[str, GeneCall]
    answered: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    patient: str = ""
    around: Circumstances = NOTHING_AROUND


def relevant(rules: Ruleset, calls: Mapping[str, GeneCall], drugs: Sequence[Drug]) -> Mapping[str, GeneCall]:
    """The calls that guidance about these drugs, or about what may stand in for them, can ask for."""
    names = {drug.name for drug in drugs}
    codes = {drug.rxnorm for drug in drugs}
    for slot in rules.slots:
        if any(member.rxnorm in codes for member in slot.members):
            names.update(member.name for member in slot.members)
    genes = {gene for name in names for gene in rules.genes.get(name, ())}
    return {gene: decisive(calls[gene]) for gene in sorted(genes & calls.keys())}


def decisive(call: GeneCall) -> GeneCall:
    """The call without what no decision looks at."""
    if call.status is CallStatus.NOT_TESTED:
        return GeneCall(call.gene, call.status)
    return replace(call, missing_positions=(), uncallable_alleles=(), warnings=(), partial=())


def encode_inputs(inputs: Inputs) -> dict[str, Any]:
    """Plain values, in an order that does not depend on how the request was written."""
    moment = inputs.moment
    return {
        "service": inputs.service,
        "instance": inputs.instance,
        "patient": inputs.patient,
        "hook": moment.hook,
        "day": moment.day.isoformat(),
        "drafts": [_draft(draft) for draft in moment.drafts],
        "taken": [
            [one.drug.name, one.drug.rxnorm, one.days, *([one.dose] if one.dose else [])]
            for one in moment.taken
        ],
        "medications_known": moment.medications_known,
        "age": moment.age,
        "problems": None if moment.problems is None else sorted(moment.problems),
        "calls": {gene: encode_call(call) for gene, call in sorted(inputs.calls.items())},
        "answered": [[order, drug, list(rules)] for order, drug, rules in inputs.answered],
        **({"around": _around(inputs.around)} if inputs.around != NOTHING_AROUND else {}),
    }


def _around(around: Circumstances) -> dict[str, Any]:
    return {
        "earlier": [list(one) for one in around.earlier],
        "encounter_class": around.encounter_class,
        "overrides": [write_override(one) for one in around.overrides],
        "spent": list(around.spent),
        "may_wait": around.may_wait,
    }


def _read_around(plain: Mapping[str, Any]) -> Circumstances:
    return Circumstances(
        tuple((str(code), str(rule)) for code, rule in plain["earlier"]),
        plain["encounter_class"],
        tuple(read_override(one) for one in plain["overrides"]),
        tuple(plain["spent"]),
        plain["may_wait"],
    )


def _taken(one: Taken) -> list[Any]:
    """Name, code and days; the dose only where it is known."""
    return [one.drug.name, one.drug.rxnorm, one.days, *([one.dose] if one.dose else [])]


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "order": draft.order,
        "drugs": [[drug.name, drug.rxnorm] for drug in draft.drugs],
        "named": draft.named,
        "resource": dict(draft.resource),
    }


def decode_inputs(plain: Mapping[str, Any], rules: Ruleset) -> Inputs:
    """The inputs that plain values describe."""

    def drug(name: str, rxnorm: str) -> Drug:
        return rules.pgx.drugs.get(name, Drug(name, rxnorm))

    moment = Moment(
        hook=plain["hook"],
        day=date.fromisoformat(plain["day"]),
        drafts=tuple(
            Draft(d["order"], tuple(drug(*one) for one in d["drugs"]), d["named"], resource=d["resource"])
            for d in plain["drafts"]
        ),
        taken=tuple(Taken(drug(name, rxnorm), *more) for name, rxnorm, *more in plain["taken"]),
        medications_known=plain["medications_known"],
        age=plain["age"],
        problems=None if plain["problems"] is None else frozenset(plain["problems"]),
    )
    calls = {gene: decode_call(call) for gene, call in plain["calls"].items()}
    answered = tuple((order, code, tuple(ids)) for order, code, ids in plain["answered"])
    around = _read_around(plain["around"]) if "around" in plain else NOTHING_AROUND
    return Inputs(plain["service"], plain["instance"], moment, calls, answered, plain["patient"], around)


def name_of(plain: Mapping[str, Any], rules: Ruleset) -> str:
    """What an answer is called: the digest of its inputs and its rules."""
    return digest(canonical({"inputs": plain, "rules": rules.name}))
