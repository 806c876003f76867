"""What the made-up orders may cost their people, and what became of the bills of those that are resulted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bedside.act.orders import Outcome, orders
from bedside.genome.cost import PlanTerms
from bedside.genome.event import EventKind
from bedside.genome.programme import programmes_from
from bedside.knowledge.cost_policy import load_unit_costs, terms_of
from bedside.service.cost_estimate import estimate_cost
from bedside.service.house import House
from bedside.service.stored_answers import ORDER_EVENTS
from bedside.service.write_offs import Part, settle

FILE = Path(__file__).parent / "data" / "money.toml"


def read_money_setting() -> Mapping[str, Any]:
    """The plans and how bills were paid."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def count_money(house: House) -> int:
    """Estimate every order that waits and settle every one that is resulted; how many were looked at."""
    setting = read_money_setting()
    terms: dict[str, PlanTerms] = {one["payer"]: terms_of(one) for one in setting["terms"]}
    payers = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    prices = load_unit_costs(house.settings.knowledge_folder).tests
    looked, bills = 0, 0
    for held in orders(house.ledger.events(kinds=ORDER_EVENTS)).values():
        person, order = held.order.subject.person, held.order.order
        price = prices.get(held.order.test)
        if held.outcome is Outcome.OPEN:
            payer = payers[person].payer if person in payers else ""
            estimate_cost(house, person, order, terms.get(payer), by=setting["by"])
        elif held.outcome is Outcome.RESULTED and price is not None:
            shares = setting["bill"][bills % len(setting["bill"])]
            charged = price.amount.high
            parts = {Part(name): round(charged * share, 2) for name, share in shares.items()}
            settle(house, person, order, charged, price.currency, parts, by=setting["by"])
            bills += 1
        else:
            continue
        looked += 1
    return looked
