"""A budget model for a dossier's test with everything a site has to fill in left not known."""

from __future__ import annotations

from bedside.knowledge.dossier import Dossier

_HEAD = """kind = "economics"
name = "{name}_budget"
title = "Budget impact: {title}"
owner = ""
licence = ""
source = "dossier {name}"
retrieved = {retrieved}
review_due = {review_due}
review_state = "to be filled in"
evidence_level = "local policy"
approval = {{ state = "awaiting", role = "health economist" }}

perspective = "payer"
currency = "USD"
price_year = {year}
effect = "person whose care changed"
horizon_years = 3
discount_costs = 0
discount_effects = 0
thresholds = [0, 10000, 50000, 100000]
comparator = "usual"
"""
_INPUTS = """
[[input]]
name = "people"
title = "People a year: {population}"
known = false

[[input]]
name = "test"
title = "The test, with everything around it: {intervention}"
unit = "USD"
known = false

[[input]]
name = "care_avoided"
title = "Care avoided for each person tested, beside: {comparator}"
unit = "USD"
known = false

[[input]]
name = "changed"
title = "Share whose care changes"
known = false
"""
_STRATEGIES = """
[[strategy]]
name = "usual"
title = "{comparator}"

[[strategy]]
name = "tested"
title = "{test}"
cost = "test - care_avoided"
effect = "changed"

[budget]
first_year = {first_year}
population = "{indication}"
people = ["people", "people", "people"]
uptake = [0.3, 0.6, 0.9]
new = "tested"
old = "usual"
"""


def budget_template(dossier: Dossier) -> str:
    """A model file for `bedside budget`; it loads once an owner and a licence are written in."""
    header = dossier.provenance
    return (_HEAD + _INPUTS + _STRATEGIES).format(
        name=header.name,
        title=_plain(header.title),
        retrieved=header.retrieved.isoformat(),
        review_due=header.review_due.isoformat(),
        year=header.retrieved.year,
        first_year=header.retrieved.year + 1,
        population=_plain(dossier.picots["population"]),
        intervention=_plain(dossier.picots["intervention"]),
        comparator=_plain(dossier.picots["comparator"]) or "Usual care",
        test=_plain(dossier.test),
        indication=_plain(dossier.indication),
    )


def _plain(text: str) -> str:
    return text.replace("\\", "").replace('"', "'")
