"""What one click does to a draft: another drug in its place, or the dose lowered to a coded limit."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from bedside.decide.moment import Draft
from bedside.decide.recommendation import Alternative, Recommendation
from bedside.genome.code import System
from bedside.knowledge.pgx import Action, Dose, Drug

CARRIED = ("subject", "encounter", "requester", "recorder", "authoredOn", "reasonCode", "reasonReference")
"""What a replacing order keeps of the draft: who it is for and why. Never its dose."""

_LIMITED = frozenset({Action.REDUCE_DOSE, Action.LIMIT_START_DOSE})
_MG_A_DAY = frozenset({"mg", "mg/day"})
_OF_EVERY_DOSE = frozenset({"", "start", "start;maintenance", "maximum"})
_ONCE_A_DAY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def replacement(draft: Draft, drug: Drug, alternative: Alternative) -> dict[str, Any]:
    """Delete the draft and create one for the alternative, without a dose: that is for the prescriber."""
    new = alternative.drug
    resource: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": draft.resource.get("intent", "order"),
        "medicationCodeableConcept": {
            "coding": [{"system": System.RXNORM.value, "code": new.rxnorm, "display": new.name}],
            "text": new.name,
        },
    }
    resource.update({name: deepcopy(draft.resource[name]) for name in CARRIED if name in draft.resource})
    return {
        "label": f"Replace {drug.name} with {new.name}",
        "actions": [
            {"type": "delete", "description": f"Remove the draft of {drug.name}", "resourceId": draft.order},
            {"type": "create", "description": f"Draft {new.name}; choose the dose", "resource": resource},
        ],
    }


def dose_change(draft: Draft, recommendation: Recommendation) -> dict[str, Any] | None:
    """The draft with its dose lowered to the guideline's limit, or None where that could be wrong.

    Only for a limit in mg a day, and a draft of one ingredient that states one dose in mg once a day. A
    share of the usual dose, a dose by weight or body surface, and a maintenance dose stay words: the draft
    does not say which dose is usual, how large the person is, or whether it is the first dose.
    """
    limit = _limit(recommendation.dose) if recommendation.action in _LIMITED else None
    drafted = _once_a_day(draft.resource) if len(draft.drugs) == 1 else None
    if limit is None or drafted is None or drafted <= limit:
        return None
    resource = deepcopy(dict(draft.resource))
    resource["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = limit
    resource["dosageInstruction"][0].pop("text", None)
    label = f"Change the dose to {limit:g} mg once a day"
    return {"label": label, "actions": [{"type": "update", "description": label, "resource": resource}]}


def _limit(dose: Dose | None) -> float | None:
    if dose is None or dose.percent_low is not None or dose.fold_low is not None:
        return None
    return dose.maximum if dose.unit in _MG_A_DAY and dose.basis in _OF_EVERY_DOSE else None


def _once_a_day(resource: Mapping[str, Any]) -> float | None:
    """The milligrams that a draft gives once a day, None when it says anything else or nothing."""
    try:
        (instruction,) = resource["dosageInstruction"]
        (given,) = instruction["doseAndRate"]
        repeat, quantity = dict(instruction["timing"]["repeat"]), given["doseQuantity"]
        value, units = quantity["value"], {quantity.get("unit", "mg"), quantity.get("code", "mg")}
    except (KeyError, TypeError, ValueError):
        return None
    named = "unit" in quantity or "code" in quantity
    if not named or units != {"mg"} or repeat != _ONCE_A_DAY or instruction.get("asNeededBoolean"):
        return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
