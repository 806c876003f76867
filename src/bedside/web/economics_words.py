"""How amounts of money, and what is not known of them, are said on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedside.service.economics import money


def amount(value: float | None, currency: str) -> str:
    """An amount, or that it is not known."""
    return "not known" if value is None else money(value, currency)


def more_or_less(value: float | None, currency: str) -> str:
    """A difference in cost in words: a loss as plainly as a saving."""
    if value is None:
        return "not known"
    if abs(value) < 0.005:
        return "costs the same"
    return f"costs {money(abs(value), currency)} {'more' if value > 0 else 'less'}"


def from_to(span: Mapping[str, float] | None, currency: str) -> str:
    """The middle 95 % of draws of a difference; a dash for none."""
    if span is None:
        return "–"
    return f"{_signed(span['low'])} to {_signed(span['high'])} {currency}"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,.0f}"


def span_of(ends: Sequence[float] | None, currency: str) -> str:
    """A low and a high amount; one when they are the same."""
    if ends is None:
        return "not known"
    low, high = ends
    return money(high, currency) if low == high else f"{low:,.0f} to {money(high, currency)}"


def figure(value: float | None) -> str:
    """A number of an effect, four places that matter; or that it is not known."""
    if value is None:
        return "not known"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def worth(value: float | None, currency: str) -> str:
    """A net benefit with its sign: below 0 is a loss."""
    return "not known" if value is None else f"{_signed(value)} {currency}"


FILTERS = (amount, more_or_less, from_to, span_of, figure, worth)
