"""The OpenAPI document names the routes that are served, each with who may ask, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.routing import Route

from bedside.service.access import Permission
from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.web.app import create_app
from bedside.web.guard import permission_of
from tests.unit.web.conftest import Pages


def test_every_route_is_in_the_document_and_nothing_else(tmp_path: Path) -> None:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    app = create_app(house)
    document = Pages(app, house).get("/openapi.json").json()
    served = {
        (re.sub(r":\w+}", "}", route.path), method.lower()): permission_of(route)
        for route in reversed(app.routes)
        if isinstance(route, Route) and route.name not in ("unknown", "refused")
        for method in route.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    del served[("/openapi.json", "get")]
    told = {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(told) == set(served)
    for key, operation in told.items():
        permission = served[key]
        assert operation.get("x-permission") == (permission.value if permission else None)
        named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", key[0]))
        assert permission or operation["x-public"]
    ids = [operation["operationId"] for operation in told.values()]
    assert len(ids) == len(set(ids))
    granted = {operation.get("x-permission") for operation in told.values()}
    assert {Permission.FHIR.value, Permission.FHIR_WRITE.value, Permission.HOOK.value} <= granted
    house.close()
