"""Invitations to relatives: sealed unless the index person agreed to be named, kept by digest.

A relative who has a record here gets a task in it with the number of the invitation. The number is made under
this ledger's own key: it leads back to the index person only inside the index person's record.
"""

from __future__ import annotations

import hashlib

from bedside.act.cascade import CASCADE
from bedside.act.cascade_family import Named, named_in
from bedside.act.disclosure_events import WRITTEN
from bedside.act.disclosure_shown import May, why_not_shown
from bedside.act.disclosure_worklist import days_of
from bedside.errors import RequestError, StoreError
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Person
from bedside.knowledge.letters import Letter, load_letters, write_letter
from bedside.service.cascade import relative_named
from bedside.service.disclose import events_of, key_of, pathway_of
from bedside.service.disclose_consent import may_of
from bedside.service.disclose_letters import facts_of, finding_named
from bedside.service.house import House
from bedside.service.record_ids import record_ids

SEALED, NAMED = "relative-sealed", "relative-named"
INVITATION = "family-invitation"
SUMMARY = "Was invited to ask about genetic testing in the family: offer a visit with a genetic counsellor"


def invitation_number(house: House, person: str, finding: str, relative: str) -> str:
    """The number of an invitation: the same every time, and nobody can tell from it whose it is."""
    ids = record_ids(house.ledger)
    if ids is None:
        raise StoreError("the ledger is empty")
    sealed = ids.of("\x1f".join((INVITATION, person, finding, relative)))
    return hashlib.sha256(sealed.encode()).hexdigest()[:12].upper()


def write_invitation(
    house: House,
    person: str,
    finding: str,
    relative: str,
    *,
    actor: str,
    contact: str = "",
    may: May | None = None,
) -> Letter:
    """The invitation of a relative: with the index person's name, gene and disease only where they agreed to
    that now; else sealed. Kept as a document, written in the index person's record, and, where the relative
    has a record of their own, a task there that names the number alone.

    Raises `RequestError` for a finding that may not be shown or a relative who was not brought in.
    """
    here, now = finding_named(house, person, finding), house.clock()
    place = relative_named(house, person, finding, relative)
    asked = may or may_of(house)
    why = why_not_shown(here, now.date(), asked)
    if why:
        raise RequestError.one("finding", f"no relative can be told: {why}")
    if place.place.state.final:
        raise RequestError.one("relative", f"no invitation any more: {place.place.state.final}")
    known = house.ledger.person(person) or Person(person)
    said = next(one for one in named_in(events_of(house, person)) if one.relative == relative)
    open_ = asked(person, Scope.FAMILY, now.date()) is Decision.GIVEN
    number = invitation_number(house, person, finding, relative)
    facts = {"invitation": number}
    if open_:
        from_record = facts_of(house, here, known)
        facts |= {key: from_record[key] for key in ("gene", "disease") if key in from_record}
        facts["index_name"] = from_record.get("name", "")
    policy = pathway_of(house, CASCADE).provenance
    release = here.finding.release if open_ else f"{policy.name}@{policy.retrieved}#{policy.sha256[:12]}"
    letter = write_letter(
        load_letters(house.settings.knowledge_folder),
        NAMED if open_ else SEALED,
        facts,
        release=release or str(house.pgx.release),
        day=now.date(),
        contact=contact,
    )
    _keep(house, letter, person, said, finding, number, actor)
    return letter


def _keep(
    house: House, letter: Letter, person: str, said: Named, finding: str, number: str, actor: str
) -> None:
    now = house.clock()
    payload = {
        "pathway": CASCADE,
        "step": WRITTEN,
        "finding": finding,
        "relative": said.relative,
        "outcome": letter.id,
        "invitation": number,
        "document": house.documents.put(letter.content),
        "template": letter.template,
    }
    key = key_of(payload, now, events_of(house, person))
    events = [NewEvent(EventKind.STEP_TAKEN, actor, now, person, payload, key)]
    if said.person:
        state = pathway_of(house, CASCADE).states["response"]
        due, _ = days_of(state.deadline, now.date())
        name = f"{INVITATION}:{number}"
        task = {
            "task": name,
            "kind": INVITATION,
            "summary": SUMMARY,
            "owner": state.owner,
            "due": due.isoformat(),
            "about": {"invitation": number},
        }
        events.append(NewEvent(EventKind.TASK_OPENED, INVITATION, now, said.person, task, name))
    house.ledger.append(events)
