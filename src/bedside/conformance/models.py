"""The R4B models of `fhir.resources`, where they are installed: other people's second opinion."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

MISSING = "fhir.resources is not installed (pip install 'bedside[conformance]')"


def version() -> str:
    """The installed version; empty when it is not installed."""
    if find_spec("fhir.resources") is None:
        return ""
    from importlib.metadata import version

    return version("fhir.resources")


def faults(resource: Mapping[str, Any]) -> list[str]:
    """What the model of the resource's type says against it: where and which kind, without its values."""
    from pydantic import ValidationError

    kind = str(resource.get("resourceType"))
    try:
        _model(kind).model_validate(resource)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        return [f"{kind}.{'.'.join(map(str, one['loc']))}: {one['type']}" for one in told]
    return []


@cache
def _model(kind: str) -> Any:
    return getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
