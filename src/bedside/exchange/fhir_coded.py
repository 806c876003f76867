"""Whether an element of a FHIR resource holds a code that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def has_code(value: Any, wanted: Sequence[str]) -> bool:
    """Whether a code, a concept or a list of concepts holds one of these, as `code` or `system|code`."""
    if isinstance(value, str):
        return value in wanted
    concepts = value if isinstance(value, list) else [value or {}]
    codings = [coding for concept in concepts for coding in concept.get("coding", [])]
    codes = {one.get("code", "") for one in codings}
    codes |= {f"{one.get('system', '')}|{one.get('code', '')}" for one in codings}
    return bool(codes & set(wanted))
