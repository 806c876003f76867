"""CDS Hooks requests through HealthChain, another project's client; its models read the answers.

    python cds_client.py URL REQUESTS.json

Runs in the environment of other people's clients. REQUESTS.json: pairs of service and request. Prints a line
of JSON for each: the service, how many cards, and what the models say against the answer. HealthChain 0.16.1
loses the drafts of an order on the way out, so requests of the order hooks are sent as they are; the one of
patient-view goes through its sandbox client.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx
from healthchain.models import CDSRequest, CDSResponse
from healthchain.models.responses.cdsdiscovery import CDSServiceInformation
from healthchain.sandbox import SandboxClient
from pydantic import BaseModel, ValidationError


def faults(model: type[BaseModel], value: dict[str, Any]) -> list[str]:
    """What a model says against a value."""
    try:
        model(**value)
    except ValidationError as error:
        return [f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()]
    return []


def send(url: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request; empty when there is none."""
    if request["hook"] != "patient-view":
        answer: dict[str, Any] = httpx.post(url, json=request).raise_for_status().json()
        return answer
    client = SandboxClient(url=url, workflow=request["hook"])
    client.requests = [CDSRequest(**request)]
    (given,) = client.send_requests()
    return dict(given)


def main() -> None:
    """Ask for the services, then send every request."""
    url, path = sys.argv[1:3]
    found = httpx.get(f"{url}/cds-services").json()
    told = {
        "service": "discovery",
        "cards": len(found["services"]),
        "faults": faults(CDSServiceInformation, found),
    }
    print(json.dumps(told))
    for service, request in json.loads(Path(path).read_text()):
        answer = send(f"{url}/cds-services/{service}", request)
        said = faults(CDSResponse, answer) if answer else ["no answer"]
        print(json.dumps({"service": service, "cards": len(answer.get("cards", ())), "faults": said}))


if __name__ == "__main__":
    main()
