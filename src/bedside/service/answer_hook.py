"""Answers a CDS Hooks request: gathers, decides, and writes what was answered and why before answering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bedside.act.tasks import delayed_tasks, due_from, open_tasks
from bedside.decide.card import Plan, card_of
from bedside.decide.decision import Decision, decide
from bedside.decide.recommendation import Silence, SilenceReason, Urgency
from bedside.decide.restraint import Quieted, restrain
from bedside.errors import NotFound, Problem
from bedside.exchange.cds_hooks import HookRequest, read_request
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.genome.task import Task
from bedside.knowledge.hook import Hook, Scope
from bedside.knowledge.ruleset import Ruleset
from bedside.service.hook_inputs import Inputs, encode_inputs, name_of, relevant
from bedside.service.hook_restraint import circumstances, encounter_digest, shown_before
from bedside.service.house import House
from bedside.service.moment_of import Gathered, Permit, gather_moment, passed_over
from bedside.service.rules import rules_of
from bedside.store.encode import canonical
from bedside.store.ledger import Card


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and the events that must be on disk before it may be sent."""

    response: dict[str, Any]
    events: tuple[NewEvent, ...] = ()


def discovery(house: House) -> dict[str, Any]:
    """The services of this house, generated from the hooks' files."""
    return {"services": [hook.discovery for hook in rules_of(house).ruleset.hooks.values()]}


def answer(
    house: House, hook_id: str, document: object, *, actor: str = "cds-hooks", permit: Permit | None = None
) -> dict[str, Any]:
    """The response to a request, written to the ledger before this returns.

    Raises RequestError (400), NotFound (404), DataMissing (412), AuditUnavailable (the answer must not be
    given).
    """
    prepared = prepare(house, hook_id, document, actor=actor, permit=permit)
    if prepared.events:
        house.audit.append(prepared.events)
    return prepared.response


def begin(
    house: House, hook_id: str, document: object, *, actor: str = "cds-hooks", permit: Permit | None = None
) -> tuple[dict[str, Any], Future[tuple[Event, ...]] | None]:
    """Like `answer`, without waiting: the response may be sent once the future is done, and never if it
    failed.
    """
    prepared = prepare(house, hook_id, document, actor=actor, permit=permit)
    return prepared.response, house.audit.submit(prepared.events) if prepared.events else None


def prepare(
    house: House, hook_id: str, document: object, *, actor: str, permit: Permit | None = None
) -> Answer:
    """The response and its events, nothing written yet. Raises Refused when `permit` does."""
    rules = rules_of(house)
    hook = rules.ruleset.hooks.get(hook_id)
    if hook is None:
        raise NotFound([Problem("Request", "no such service", remedy="see /cds-services")])
    request = read_request(document, hook.hook)
    if hook.scope is not Scope.CURRENT_MEDICATIONS and not any(draft.named for draft in request.drafts):
        return Answer({"cards": []})
    now = house.clock()
    gathered = gather_moment(house, rules, request, now.date(), permit)
    inputs = _inputs(house, rules.ruleset, hook, request, gathered)
    plain = encode_inputs(inputs)
    name = name_of(plain, rules.ruleset)
    decision = decide_again(rules.ruleset, inputs)
    cards = [card_of(plan, rules.ruleset, name, place) for place, plan in enumerate(decision.plans)]
    response = {"cards": cards}
    stay = encounter_digest(request)
    payload = {
        "service": hook.id,
        "user": request.user,
        "rules": rules.ruleset.name,
        "inputs": plain,
        "cards": [
            {**card, "about": {**about(plan), **stay}}
            for card, plan in zip(cards, decision.plans, strict=True)
        ],
        "silences": [write_silence(one) for one in (*decision.silences, *passed_over(request))],
        "response": digest(canonical(response)),
        **({"role": request.role} if request.role else {}),
        **({"quieted": [write_quieted(one) for one in decision.quieted]} if decision.quieted else {}),
    }
    event = NewEvent(EventKind.HOOK_ANSWERED, actor, now, gathered.person, payload, key=name)
    return Answer(response, (event, *_tasks(house, rules.ruleset, actor, gathered, decision)))


def _inputs(house: House, rules: Ruleset, hook: Hook, request: HookRequest, gathered: Gathered) -> Inputs:
    moment = gathered.moment
    whole = hook.scope is Scope.CURRENT_MEDICATIONS
    drugs = list(rules.pgx.drugs.values()) if whole else list(moment.drugs_taken)
    calls = relevant(rules, gathered.calls, drugs)
    patient = digest(canonical([request.fhir_server, request.patient]))
    held = shown_before(house, rules, request, gathered)
    around = circumstances(house, rules, hook, request, gathered, held)
    done = answered(house, rules, gathered, held)
    return Inputs(hook.id, request.instance, moment, calls, done, patient, around)


def answered(
    house: House, rules: Ruleset, gathered: Gathered, held: Sequence[Card]
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The cards about these orders that a clinician has answered within the cool-down."""
    since = house.clock() - timedelta(hours=rules.phrases.tiers.cool_down_hours)
    orders = {draft.order for draft in gathered.moment.drafts}
    found = set()
    for card in held:
        said = card.content.get("about", {})
        if card.known_at >= since and said.get("order") in orders and _settled(house, card):
            found.add((said["order"], said["rxnorm"], tuple(said["rules"])))
    return tuple(sorted(found))


def _settled(house: House, card: Card) -> bool:
    """Whether the last answer to a card lets it rest. Accepting a critical card does not: the draft that is
    asked about again still names the drug it warned of.
    """
    answers = house.ledger.feedback(card.uuid)
    if not answers:
        return False
    critical = card.content.get("indicator") == Urgency.CRITICAL.value
    return not (critical and answers[-1].payload["outcome"] == "accepted")


def decide_again(rules: Ruleset, inputs: Inputs) -> Decision:
    """The decision that follows from the inputs, the same every time."""
    decision = decide(rules, rules.hooks[inputs.service], inputs.calls, inputs.moment)
    done = set(inputs.answered)
    plans = tuple(plan for plan in decision.plans if _fingerprint(plan) not in done)
    quiet = tuple(
        Silence("+".join(plan.rules), plan.drug.name, SilenceReason.ALREADY_SHOWN, plan.summary)
        for plan in decision.plans
        if _fingerprint(plan) in done
    )
    kept = restrain(plans, rules.hooks[inputs.service], inputs.moment, inputs.around, rules.alerts)
    gone = tuple(
        Silence("+".join(one.plan.rules), one.plan.drug.name, one.reason, one.plan.summary)
        for one in kept.quieted
        if not one.shown
    )
    return Decision(kept.plans, (*decision.silences, *quiet, *gone), kept.quieted, kept.waiting)


def _fingerprint(plan: Plan) -> tuple[str, str, tuple[str, ...]]:
    return (plan.draft.order if plan.draft else "", plan.drug.rxnorm, plan.rules)


def about(plan: Plan) -> Mapping[str, Any]:
    """What a stored card is about, for those who look for it later."""
    order, rxnorm, rules = _fingerprint(plan)
    return {"order": order, "drug": plan.drug.name, "rxnorm": rxnorm, "rules": list(rules)}


def write_quieted(one: Quieted) -> dict[str, Any]:
    """A card that was made passive or kept back, as a stored answer holds it."""
    order, rxnorm, rules = _fingerprint(one.plan)
    return {
        "rule": one.rule,
        "rules": list(rules),
        "drug": one.plan.drug.name,
        "rxnorm": rxnorm,
        "order": order,
        "reason": one.reason.value,
        "before": one.plan.urgency.value,
        "shown": one.shown,
        "override": one.override,
        "summary": one.plan.summary,
    }


def write_silence(one: Silence) -> dict[str, Any]:
    """A silence as a stored answer holds it."""
    return {"rule": one.rule, "drug": one.drug, "reason": one.reason.value, "detail": one.detail}


def _tasks(
    house: House, rules: Ruleset, actor: str, gathered: Gathered, decision: Decision
) -> tuple[NewEvent, ...]:
    """Top-tier findings about somebody in the record become tasks, once."""
    if gathered.person is None or not (decision.tracked or decision.waiting):
        return ()
    tiers, delay = rules.phrases.tiers, rules.alerts.delay.task
    now = house.clock()
    tasks = (
        *open_tasks(gathered.person, decision.tracked, tiers, due_from(tiers.task, now.date())),
        *delayed_tasks(gathered.person, decision.waiting, delay, due_from(delay, now.date()), now.date()),
    )
    return tuple(
        NewEvent(EventKind.TASK_OPENED, actor, now, task.person, task_payload(task), key=task.task)
        for task in tasks
    )


def task_payload(task: Task) -> dict[str, Any]:
    """A task as the payload of the event that opens it."""
    return {
        "task": task.task,
        "kind": task.kind,
        "summary": task.summary,
        "owner": task.owner,
        "due": task.due.isoformat(),
        "about": dict(task.about),
    }
