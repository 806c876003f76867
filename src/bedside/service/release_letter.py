"""A clinician releases a letter, or takes it back. Nothing goes out before, and what went out is kept."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.act.tasks import due_from
from bedside.errors import Problem, RequestError, StoreError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.letter import Released, plain_facts
from bedside.knowledge.tiers import load_tiers
from bedside.service.house import House
from bedside.service.patient_letters import Letter, Wish, in_force, letters, preview
from bedside.store.ledger import Overtaken, Unless

TASK = "letter-to-correct"
_TRIES = 10
_AGAINST = (
    EventKind.RESULT_WITHDRAWN,
    EventKind.LETTER_WITHDRAWN,
    EventKind.RESULT_ACCEPTED,
    EventKind.MEANINGS_DERIVED,
)


def release(
    house: House, person: str, result: str, wish: Wish, *, by: str, seen: str = ""
) -> tuple[Letter, Released]:
    """Release a letter as it is now; on disk when this returns. seen: the digest of what was read, where it
    was read before. Raises `RequestError` with every fault of the letter, or when it changed meanwhile."""
    if not by.strip():
        raise RequestError.one("by", "a letter is released by somebody", remedy="say who read it")
    for _ in range(_TRIES):
        head = house.ledger.checkpoint().sequence
        letter = preview(house, person, result, wish)
        if letter.faults:
            raise RequestError([Problem("letter", f"not released: {one}") for one in letter.faults])
        if seen and seen != letter.document:
            raise RequestError.one("letter", "it changed since it was read", remedy="read it as it is now")
        held = letter.released
        if held is not None and held.document == letter.document:
            return letter, held
        try:
            house.ledger.append([_released(house, letter, by)], (), Unless(_KIND, head, _AGAINST))
        except Overtaken:
            continue
        kept = in_force(letters(house, person), letter.letter)
        if kept is None or kept.document != letter.document:
            raise StoreError("the letter was not kept as it was released; open it again")
        return letter, kept
    raise StoreError("the record keeps changing meanwhile; try again")


_KIND = EventKind.LETTER_RELEASED


def _released(house: House, letter: Letter, by: str) -> NewEvent:
    document = house.documents.put(letter.text.encode())
    payload = {
        "letter": letter.letter,
        "result": letter.result,
        "class": letter.about.value,
        "language": letter.template.language,
        "document": document,
        "template": letter.template.provenance.sha256,
        "rules": letter.rules.provenance.sha256,
        "review": letter.template.provenance.review_state,
        "rephrased": letter.rephrased,
        "facts": plain_facts(letter.facts),
    }
    return NewEvent(EventKind.LETTER_RELEASED, by, house.clock(), letter.person, payload)


def withdraw_letter(house: House, person: str, letter: str, reason: str, *, by: str) -> None:
    """Take a released letter back, with the reason. Raises `RequestError` when none is in force."""
    held = in_force(letters(house, person), letter)
    if held is None:
        raise RequestError.one("letter", "no released letter of this kind is in force")
    if not reason.strip():
        raise RequestError.one("reason", "a letter is taken back for a stated reason")
    payload = {"letter": letter, "result": held.result, "reason": reason.strip()}
    key = f"{letter}:{held.version}"
    house.ledger.append([NewEvent(EventKind.LETTER_WITHDRAWN, by, house.clock(), person, payload, key)])


def letters_to_correct(house: House, person: str, results: Iterator[str] | tuple[str, ...]) -> list[NewEvent]:
    """The task for each result that is withdrawn while the person holds a letter about it."""
    taken = set(results)
    if not taken:
        return []
    told = {one.result for one in letters(house, person) if one.result in taken and not one.withdrawn}
    now = house.clock()
    policy = load_tiers(house.settings.knowledge_folder).task
    due = due_from(policy, now.date())
    return [
        NewEvent(
            EventKind.TASK_OPENED,
            "bedside",
            now,
            person,
            {
                "task": f"{TASK}:{result}",
                "kind": TASK,
                "summary": "Tell the person that a result we wrote about was taken back",
                "owner": policy.owner,
                "due": due.due.isoformat(),
                "about": {
                    "result": result,
                    "escalate_on": due.escalate.isoformat(),
                    "escalate_to": policy.escalate_to,
                },
            },
            f"{TASK}:{result}",
        )
        for result in sorted(told)
    ]
