"""What a FHIR Coverage says the person has to pay (`costToBeneficiary`), as plan terms.

A Coverage states what the plan has, not what is left of it this year: what is left lies between nothing and
the whole. Source: FHIR R4 Coverage, value set coverage-copay-type.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bedside.errors import RequestError
from bedside.genome.cost import Amount, PlanTerms, exactly

SYSTEM = "http://terminology.hl7.org/CodeSystem/coverage-copay-type"
_MONEY = {"deductible": "deductible_left", "maxoutofpocket": "maximum_left", "copay": "copay"}
_YEARLY = frozenset({"deductible", "maxoutofpocket"})
_SHARE = "copaypct"


def terms_of_coverage(coverage: Mapping[str, Any], payer: str, today: date) -> PlanTerms:
    """The terms a Coverage states; what it does not speak of is not known. Raises RequestError with what
    cannot be read: an amount that is misread is worse than one that is missing."""
    if coverage.get("resourceType") != "Coverage":
        raise RequestError.one("Coverage", "is no FHIR Coverage")
    held: dict[str, Amount] = {}
    currencies: set[str] = set()
    for number, entry in enumerate(coverage.get("costToBeneficiary", ())):
        where = f"Coverage.costToBeneficiary[{number}]"
        if entry.get("exception"):
            raise RequestError.one(where, "has exceptions", remedy="enter the terms by hand")
        for code in _codes(entry):
            if code in _MONEY:
                name, value = _MONEY[code], _money(entry, where, currencies)
                held[name] = Amount(0.0, value) if code in _YEARLY else exactly(value)
            elif code == _SHARE:
                held["coinsurance"] = exactly(_percent(entry, where))
    if len(currencies) > 1:
        raise RequestError.one("Coverage", f"names {len(currencies)} currencies")
    return PlanTerms(
        payer=payer,
        currency=next(iter(currencies), "USD"),
        deductible_left=held.get("deductible_left"),
        coinsurance=held.get("coinsurance"),
        copay=held.get("copay"),
        maximum_left=held.get("maximum_left"),
        source="FHIR Coverage: what the plan has, not what is left of it",
        as_of=today,
    )


def _codes(entry: Mapping[str, Any]) -> list[str]:
    coded = entry.get("type", {}).get("coding", ())
    return [str(one.get("code")) for one in coded if one.get("system", SYSTEM) == SYSTEM]


def _money(entry: Mapping[str, Any], where: str, currencies: set[str]) -> float:
    money = entry.get("valueMoney")
    if isinstance(money, Mapping) and _number(money.get("value")) and money.get("currency"):
        currencies.add(str(money["currency"]))
        return float(money["value"])
    raise RequestError.one(where, "is no amount of money with its currency", remedy="enter it by hand")


def _percent(entry: Mapping[str, Any], where: str) -> float:
    held = entry.get("valueQuantity")
    percent = isinstance(held, Mapping) and held.get("code", held.get("unit")) == "%"
    if isinstance(held, Mapping) and percent and _number(held.get("value")) and held["value"] <= 100:
        return float(held["value"]) / 100
    raise RequestError.one(where, "is no percentage from 0 to 100", remedy="enter it by hand")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
