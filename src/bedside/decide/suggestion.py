"""What one click does to a draft: another drug in its place, or another dose where the dose is coded."""

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

_REDOSED = frozenset(
    {Action.REDUCE_DOSE, Action.LIMIT_START_DOSE, Action.INCREASE_DOSE, Action.REDUCE_MAINTENANCE_DOSE}
)


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
    """The draft with its dose brought to the coded one, or None where draft or guidance does not state a
    number.
    """
    dose = recommendation.dose
    held = _quantity(draft.resource)
    if dose is None or held is None or recommendation.action not in _REDOSED:
        return None
    value, unit = held
    wanted = new_dose(dose, value, unit)
    if wanted is None or wanted == value:
        return None
    resource = deepcopy(dict(draft.resource))
    resource["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = wanted
    resource["dosageInstruction"][0].pop("text", None)
    label = f"Change the dose to {wanted:g} {unit}".rstrip()
    return {"label": label, "actions": [{"type": "update", "description": label, "resource": resource}]}


def new_dose(dose: Dose, value: float, unit: str) -> float | None:
    """The dose that the code asks for, given the one drafted; None where it leaves a range to judgement."""
    if dose.percent_low is not None and dose.percent_high in (None, dose.percent_low):
        return round(value * dose.percent_low / 100, 6)
    if dose.maximum is not None and dose.percent_low is None and dose.fold_low is None:
        return min(value, dose.maximum) if unit.lower() == dose.unit.split("/")[0].lower() else None
    return None


def _quantity(resource: Mapping[str, Any]) -> tuple[float, str] | None:
    try:
        quantity = resource["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
        value = quantity["value"]
    except (KeyError, IndexError, TypeError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value), str(quantity.get("unit", quantity.get("code", "")))
