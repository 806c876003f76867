"""The dose that an order states, as one text that is equal for equal doses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def dose_text(resource: Mapping[str, Any], *, timed: bool = False) -> str:
    """Amount, unit and, where stated, how often; "" when the order states none that can be compared: several
    instructions, a range, no quantity. timed: also "" when it does not say how often."""
    try:
        (instruction,) = resource["dosageInstruction"]
        (given,) = instruction["doseAndRate"]
        quantity = given["doseQuantity"]
        value, unit = float(quantity["value"]), str(quantity.get("code") or quantity["unit"])
        repeat = instruction.get("timing", {}).get("repeat", {})
        often = [str(repeat[name]) for name in ("frequency", "period", "periodUnit")] if repeat else []
        as_needed = bool(instruction.get("asNeededBoolean"))
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""
    if timed and (not often or as_needed):
        return ""
    return f"{value:g} {unit}" + (f", {often[0]} in {often[1]} {often[2]}" if often else "")
