"""What keeps the cards of one request few: earlier cards, the encounter, decisions of the site, budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from bedside.decide.recommendation import Urgency
from bedside.decide.restraint import Circumstances, can_wait
from bedside.exchange.cds_hooks import HookRequest
from bedside.genome.observation import digest
from bedside.knowledge.hook import Hook, Scope
from bedside.knowledge.ruleset import Ruleset
from bedside.service.alert_budget import spent_rules
from bedside.service.alert_overrides import overrides_in_force
from bedside.service.house import House
from bedside.service.moment_of import Gathered
from bedside.store.encode import canonical
from bedside.store.ledger import Card

LONGEST_ENCOUNTER = timedelta(days=30)
"""So far back cards of the same encounter are looked for."""


def shown_before(house: House, rules: Ruleset, request: HookRequest, gathered: Gathered) -> tuple[Card, ...]:
    """The person's cards as far back as any rule of rest looks; none where no order is asked about."""
    if gathered.person is None or not gathered.moment.drafts:
        return ()
    hours = max(rules.phrases.tiers.cool_down_hours, rules.alerts.repeat.hours)
    back = LONGEST_ENCOUNTER if request.encounter else timedelta(hours=hours)
    return house.ledger.cards(gathered.person, house.clock() - max(back, timedelta(hours=hours)))


def circumstances(
    house: House,
    rules: Ruleset,
    hook: Hook,
    request: HookRequest,
    gathered: Gathered,
    held: Sequence[Card],
) -> Circumstances:
    """Everything of the moment that may make a card below the top tier passive, or keep it back."""
    day = gathered.moment.day
    overrides = tuple(
        one for one in overrides_in_force(house, rules.alerts) if one.holds(one.rule, request.role, day)
    )
    if hook.scope is Scope.CURRENT_MEDICATIONS:
        return Circumstances(overrides=overrides)
    where = _encounter_class(request)
    waits = can_wait(gathered.moment, where, rules.alerts)
    return Circumstances(
        earlier=tuple(sorted(_resting(house, rules, hook, request, gathered, held))),
        encounter_class=where,
        overrides=overrides,
        spent=spent_rules(house),
        may_wait=waits and gathered.person is not None,
    )


def encounter_digest(request: HookRequest) -> dict[str, Any]:
    """What a stored card says of its encounter: a digest, nothing where the request names none."""
    named = canonical([request.fhir_server, request.encounter])
    return {"encounter": digest(named)} if request.encounter else {}


def _resting(
    house: House,
    rules: Ruleset,
    hook: Hook,
    request: HookRequest,
    gathered: Gathered,
    held: Sequence[Card],
) -> Iterator[tuple[str, str]]:
    """(RxNorm code, rule) of lower cards that were answered, or shown so often at this moment, before."""
    concerned = {drug.rxnorm for drug in gathered.moment.drugs_taken}
    times: Counter[tuple[str, str]] = Counter()
    for card in _of_this_encounter(house, rules, request, held):
        about = card.content.get("about", {})
        if about.get("rxnorm") not in concerned or card.content.get("indicator") == Urgency.CRITICAL.value:
            continue
        name = (str(about["rxnorm"]), str(about["rules"][0]))
        if house.ledger.feedback(card.uuid):
            times[name] = max(times[name], rules.alerts.repeat.unanswered)
        elif card.service == hook.id:
            times[name] += 1
    yield from (name for name, count in times.items() if count >= rules.alerts.repeat.unanswered)


def _of_this_encounter(
    house: House, rules: Ruleset, request: HookRequest, held: Iterable[Card]
) -> Iterator[Card]:
    """The cards of the named encounter; without a name on either side, those of the last hours."""
    mine = encounter_digest(request).get("encounter", "")
    since = house.clock() - timedelta(hours=rules.alerts.repeat.hours)
    for card in held:
        theirs = card.content.get("about", {}).get("encounter", "")
        if (mine and theirs == mine) or (not (mine and theirs) and card.known_at >= since):
            yield card


def _encounter_class(request: HookRequest) -> str:
    """The class of the encounter that the request names, or of the only one it brought along."""
    brought = request.resources("Encounter")
    named = [one for one in brought if request.encounter and one.get("id") == request.encounter]
    chosen = named or (brought if len(brought) == 1 and not request.encounter else ())
    held = chosen[0].get("class") if chosen else None
    return str(held.get("code", "")) if isinstance(held, dict) else ""
