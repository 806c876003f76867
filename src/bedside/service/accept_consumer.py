"""Takes a consumer's raw data into the record as unconfirmed: the document, and one task to confirm it.

Nothing else can come of it, by construction: the result holds no observation of any gene, so that no call,
card, finding or negative can be derived from it, under no release; and the lake never sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bedside.act.tasks import due_from
from bedside.errors import IntakeError
from bedside.genome.assay import Assay
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.locus import Build
from bedside.genome.record import task_of
from bedside.genome.result import Confirmation
from bedside.genome.task import Task
from bedside.intake.consumer import ConsumerFile, SeenPosition, Trust, read_consumer
from bedside.intake.consumer_build import Known
from bedside.knowledge.consumer_policy import ConsumerPolicy, load_consumer_policy
from bedside.knowledge.pgx import Grch37, PgxPack
from bedside.service.accept_result import result_id
from bedside.service.answer_hook import task_payload
from bedside.service.house import House
from bedside.store.documents import digest_of_file
from bedside.store.encode import assay_content

METHOD = "consumer raw data, unconfirmed"


@dataclass(frozen=True, slots=True)
class AcceptedConsumer:
    """What is in the record now: an unconfirmed result, and the task. `new` is False when it was there
    before."""

    person: str
    result: str
    document: str
    new: bool
    task: Task
    file: ConsumerFile


def accept_consumer(
    house: House,
    path: Path,
    person: str,
    *,
    build: Build | None = None,
    valid_at: datetime | None = None,
    actor: str = "intake",
) -> AcceptedConsumer:
    """Take a consumer's file of a person. `build` is what the person who gives it says, when its header does
    not. Raises `IntakeError` with every problem, `StoreError`; then nothing is stored.
    """
    policy = load_consumer_policy(house.settings.knowledge_folder)
    document = _digest(path)
    read = read_consumer(path, policy, known_positions(house.pgx), build)
    result, held = _result(house, document, person)
    now = house.clock()
    task = confirm_task(person, result, document, read, policy, now)
    if held:
        before = house.ledger.find(EventKind.TASK_OPENED, task.task)
        opened = task if before is None else task_of(before)
        return AcceptedConsumer(person, result, document, False, opened, read)
    if house.documents.put_file(path) != document:
        raise IntakeError.one(path.name, "the file changed while it was being read", remedy="give it again")
    assay = assay_content(_assay(read))
    payload = {
        "result": result,
        "sample": "",
        "laboratory": f"{read.seller} (consumer file, unconfirmed)",
        "documents": [document],
        "assay": assay.digest,
        "confirmation": Confirmation.UNCONFIRMED.value,
        "observations": {},
    }
    at = valid_at or now
    house.ledger.append(
        [
            NewEvent(EventKind.RESULT_ACCEPTED, actor, at, person, payload, result),
            NewEvent(EventKind.TASK_OPENED, actor, now, person, task_payload(task), task.task),
        ],
        [assay],
    )
    return AcceptedConsumer(person, result, document, True, task, read)


def known_positions(pack: PgxPack) -> Iterator[Known]:
    """The positions of the release's pharmacogenes with their places in the builds where both are sure."""
    for gene in pack.genes.values():
        for at in gene.positions:
            places = {Build.GRCH38.value: at.position}
            if at.grch37 is Grch37.CONFIRMED and at.position_grch37 is not None:
                places[Build.GRCH37.value] = at.position_grch37
            alleles = frozenset((at.reference, *at.alternates))
            yield Known(gene.symbol, at.rsid, at.chromosome, places, alleles, at.reference)


def confirm_task(
    person: str,
    result: str,
    document: str,
    read: ConsumerFile,
    policy: ConsumerPolicy,
    now: datetime,
) -> Task:
    """The one thing that may come of a consumer's file: that a clinical laboratory looks, with what the file
    lists and how little that is worth."""
    due = due_from(policy.task, now.date())
    common = [one for one in read.seen if one.trust is Trust.COMMON]
    rare = [one for one in read.seen if one.trust is Trust.UNKNOWN and one.differs]
    about: dict[str, Any] = {
        "result": result,
        "document": document,
        "seller": read.seller,
        "build": read.build.value,
        "build_known": read.build_from.value,
        "markers": len(read.markers),
        "no_calls": read.markers.no_calls,
        "seen": [_seen(one) for one in (*common, *rare)],
        "facts": [
            {"text": one.text, "source": one.source, "pmid": one.pmid, "applies_to": one.applies_to}
            for one in policy.facts
        ],
        "policy": policy.release,
        "review_state": policy.provenance.review_state,
        "escalate_on": due.escalate.isoformat(),
        "escalate_to": policy.task.escalate_to,
    }
    summary = policy.summary.format(seller=read.seller, common=len(common), rare=len(rare))
    kind = policy.task.kind
    return Task(f"{kind}:{result}", person, kind, summary, policy.task.owner, due.due, about)


def _seen(one: SeenPosition) -> dict[str, str]:
    return {"gene": one.gene, "marker": one.name, "letters": one.letters, "trust": one.trust.value}


def _assay(read: ConsumerFile) -> Assay:
    """No position counts as tested: a consumer's file is never a negative."""
    limits = (
        f"lists {len(read.markers)} markers, {read.markers.no_calls} without a call; none counts as tested",
        f"build {read.build_from.value}",
    )
    return Assay(METHOD, read.build, 0, limits=limits)


def _result(house: House, document: str, person: str) -> tuple[str, bool]:
    """The result's id and whether it is in the record already. After a withdrawal the file makes another."""
    first = result_id([document], METHOD)
    result, again = first, 1
    while (one := house.ledger.held([result]).get(result)) is not None and one.withdrawn:
        again += 1
        result = f"{first}-{again}"
    if one is not None and one.person != person:
        raise IntakeError.one(
            "--person",
            "this file was accepted for another person before",
            remedy="withdraw the earlier result first if it was given to the wrong person",
        )
    return result, one is not None


def _digest(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError as error:
        raise IntakeError.one(
            path.name, f"cannot be read: {error.strerror}", remedy="check the path and rights"
        ) from error
