"""How soon a bad rule is named, and what is missed meanwhile: `python benchmarks/alerts.py`.

200 simulated streams of 50,000 orders over half a year, each with thirteen rules through the real restraint:
two of the top tier, nine good ones, one that is heeded exactly as often as the policy asks for, and one bad
one that fires on 5 % of orders and is right on 5 % of those. Prints one line a measure, with CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.ruleset import load_ruleset
from bedside.learn.alert_rates import review

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.made_up_prescribing import BAD, BORDER, RULES, START, Stream, stream


def main() -> None:
    """Run the streams and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--streams", type=int, default=200)
    options.add_argument("--orders", type=int, default=50_000)
    chosen = options.parse_args()
    rules = load_ruleset(load_pgx())
    hook = rules.hooks["bedside-pgx-order-sign"]
    policy, began, cpu = rules.alerts, time.perf_counter(), time.process_time()
    named: list[int] = []
    shown_until: list[int] = []
    false, border, missed, critical = 0, 0, 0, 0
    rates: list[tuple[float, float]] = []
    good = [rule.name for rule in RULES if rule.name not in (BAD, BORDER) and not rule.name.startswith("top")]
    for seed in range(chosen.streams):
        made = stream(policy, hook, orders=chosen.orders, seed=seed)
        found = {one.rule: one for one in review(made.log, policy.watch, START + timedelta(days=200)).rules}
        after = found[BAD].watched.named_after
        named.append(after if after is not None else 10**9)
        shown_until.append(_shown_until(made, after))
        false += sum(found[name].named for name in good if name in found)
        border += BORDER in found and found[BORDER].named
        missed += made.critical_missed
        critical += made.fired["top-1"] + made.fired["top-2"]
        rates.append((made.asked_per_100, made.interruptive_per_100))
    decided = stream(policy, hook, orders=chosen.orders, seed=0, quieter=frozenset({BAD}))
    p50, p95 = np.quantile(named, [0.5, 0.95], method="higher")
    cards = np.quantile(shown_until, 0.95, method="higher")
    asked, shown = (np.mean([one[n] for one in rates]) for n in (0, 1))
    print(f"streams\t{chosen.streams} of {chosen.orders} orders, {len(RULES)} rules")
    print(f"bad rule named after known answers\tmedian {p50}, 95 % {p95}, most {max(named)}")
    print(f"its cards shown until then\t95 % {cards}")
    print(f"good rules named\t{false} of {len(good) * chosen.streams}")
    print(
        f"rule heeded exactly as often as asked, named\t{border} of {chosen.streams} (promised at most 1 %)"
    )
    print(f"critical cards missed\t{missed} of {critical}")
    budget = rules.phrases.tiers.interruptive_per_100_orders
    passive = decided.interruptive_per_100
    print(f"interruptive per 100 orders\tasked for {asked:.2f}, shown {shown:.2f}; budget {budget}")
    print(f"the same with the bad rule passive\t{passive:.2f}")
    spent, clock = time.process_time() - cpu, time.perf_counter() - began
    print(f"CPU seconds\t{spent:.0f} ({clock:.0f} on the clock, load {os.getloadavg()[0]:.1f})")


def _shown_until(made: Stream, known: int | None) -> int:
    """Cards of the bad rule that were shown until so many of its answers were known."""
    from bedside.learn.follow_through import followed, heeded

    seen = 0
    mine = [one for one in made.log.firings if one.rule == BAD and one.interruptive]
    for place, one in enumerate(mine, start=1):
        became = followed(one, made.log.drafted, 24, START + timedelta(days=200))
        seen += heeded(one, became) is not None
        if seen == known:
            return place
    return len(mine)


if __name__ == "__main__":
    main()
