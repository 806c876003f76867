"""From a signed recommendation to the order: a draft of each medicine with the cards that an EHR would get
for it, then the medicines on the list, which the pathway hears as ordered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import uuid4

from bedside.act.board_cases import BoardCase, CaseStage
from bedside.errors import RequestError
from bedside.genome.board import AdviceKind
from bedside.genome.code import Code, System
from bedside.genome.person import ItemStatus, Medication
from bedside.service.house import House
from bedside.service.prescribe import Order, Prescription, prescribe
from bedside.service.register_person import record_medication

_HOOK = "order-sign"


@dataclass(frozen=True, slots=True)
class DraftTherapy:
    """A medicine of the recommendation. taken: it is on the list already."""

    rxnorm: str
    name: str
    given: Prescription
    taken: bool


def draft_therapy(house: House, case: BoardCase, actor: str) -> tuple[DraftTherapy, ...]:
    """A draft order of every part of the regimen, and what the services answer to it. Raises `RequestError`
    where no signed recommendation of coded medicines stands."""
    parts = _parts(case)
    taken = _taken(house, case.person)
    return tuple(
        DraftTherapy(
            code,
            name,
            prescribe(house, case.person, Order(str(uuid4()), name, code), _HOOK, actor),
            code in taken,
        )
        for code, name in parts
    )


def order_therapy(house: House, case: BoardCase, chosen: Collection[str], actor: str) -> tuple[str, ...]:
    """Put the chosen parts on the list of medicines; what is there already is not written again. The
    names."""
    parts = dict(_parts(case))
    unknown = set(chosen) - set(parts)
    if unknown or not chosen:
        raise RequestError.one("drug", "nothing was chosen, or what is not recommended")
    taken = _taken(house, case.person)
    ordered = [code for code in parts if code in chosen and code not in taken]
    for code in ordered:
        drug = Medication(Code(System.RXNORM, code, parts[code]), since=house.clock().date())
        record_medication(house, case.person, drug, actor=actor)
    return tuple(parts[code] for code in ordered)


def _parts(case: BoardCase) -> tuple[tuple[str, str], ...]:
    """Each part with its name, as far as the regimen's words tell them apart."""
    version = case.in_force
    fits = version is not None and case.stage is CaseStage.SIGNED
    if version is None or not fits or version.advice.kind is not AdviceKind.TREATMENT:
        raise RequestError.one("case", "no signed recommendation of a treatment waits to be carried out")
    advice = version.advice
    if not advice.rxnorm:
        raise RequestError.one("case", "the regimen is not coded", remedy="use the prescribing page")
    words = [part.strip() for part in advice.what.replace("/", "+").split("+") if part.strip()]
    named = words if len(words) == len(advice.rxnorm) else [""] * len(advice.rxnorm)
    return tuple(
        (code, name or f"part {code} of {advice.what}")
        for code, name in zip(advice.rxnorm, named, strict=True)
    )


def _taken(house: House, person: str) -> frozenset[str]:
    return frozenset(
        one.drug.code
        for one in house.ledger.medications(person)
        if one.drug.system is System.RXNORM and one.status is ItemStatus.ACTIVE
    )
