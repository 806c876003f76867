"""Tumours in the story, and what the tumour board did with them: one case at each station.

Everything goes through the services of the pages. Doing it twice is doing it once.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bedside.act.board_cases import BoardCase, CaseStage
from bedside.demo.clock import at
from bedside.demo.hereditary import Act
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.genome.board import read_advice
from bedside.genome.code import Code, System
from bedside.genome.person import Medication
from bedside.service.board import attend, followed, put_on, recommend, schedule, sign, the_board
from bedside.service.board_packet import packet_bytes
from bedside.service.board_view import packet_of_case
from bedside.service.consult_steps import Writer
from bedside.service.house import House
from bedside.service.pathway_signals import record_signal
from bedside.service.register_person import record_medication
from bedside.service.tumours_held import accept_tumours, tumours_of_record

FILE = Path(__file__).parent / "data" / "board.toml"
YOUNGEST = 40
WAY: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("diagnosed", {"disease": "nsclc-advanced"}),
    ("specimen-collected", {"kind": "tissue"}),
    ("specimen-adequate", {"kind": "tissue"}),
    ("test-ordered", {"test": "tumour panel"}),
    ("specimen-received", {"kind": "tissue"}),
    ("result-reported", {"finding": "actionable"}),
    ("result-opened", {}),
)
"""What happened to somebody with a lung cancer before the board, one a day."""


def read_board_setting() -> Mapping[str, Any]:
    """Whose tumour has what, and what became of it."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def board_people(
    setting: Mapping[str, Any], population: Sequence[MadeUpPerson], busy: Collection[str] = ()
) -> Iterator[tuple[MadeUpPerson, Mapping[str, Any]]]:
    """Each case with a grown person: those of no other story first, then those whom nobody tested, from the
    end of the list."""
    free = [
        each
        for each in reversed(population)
        if each.member is None and (TODAY - each.birth_date).days > YOUNGEST * 366
    ]
    yield from zip(
        sorted(free, key=lambda each: (each.person in busy, bool(each.laboratory))),
        setting["case"],
        strict=False,
    )


def acts_of_board(
    house: House, setting: Mapping[str, Any], population: Sequence[MadeUpPerson], busy: Collection[str] = ()
) -> list[Act]:
    """Everything around the board, in the order of its days."""
    acts: list[Act] = []
    for each, entry in board_people(setting, population, busy):
        acts.append(Act(entry["arrives"], partial(_arrives, house, setting, each.person, entry)))
        if "decided" in entry:
            acts.append(Act(entry["decided"], partial(_decided, house, setting, each.person, entry)))
        if "followed" in entry:
            acts.append(Act(entry["followed"], partial(_ended, house, setting, each.person, "")))
        if "not_followed" in entry:
            day, reason = entry["not_followed"]
            acts.append(Act(day, partial(_ended, house, setting, each.person, reason)))
    return sorted(acts, key=lambda act: act.day)


def _writer(setting: Mapping[str, Any], who: str) -> Writer:
    name, role = setting[who]
    return Writer(name, role)


def _case_of(house: House, person: str) -> BoardCase | None:
    return next(iter(the_board(house, person).cases.values()), None)


def _arrives(house: House, setting: Mapping[str, Any], person: str, entry: Mapping[str, Any]) -> None:
    """The sample is stored, the case put on and, where it has one, on the agenda of its meeting."""
    day: date = entry["arrives"]
    if not tumours_of_record(house, person):
        with TemporaryDirectory(prefix="bedside-demo-") as folder:
            path = Path(folder) / "tumour.json"
            path.write_text(json.dumps(entry["tumour"]), encoding="utf-8")
            accept_tumours(
                house, person, path, laboratory=setting["laboratory"], actor="tumour laboratory",
                valid_at=at(day),
            )  # fmt: skip
        for code, name, since in entry.get("medicines", ()):
            drug = Medication(Code(System.RXNORM, code, name), since=since)
            record_medication(house, person, drug, valid_at=at(since))
    if entry.get("pathway"):
        _way(house, person, day)
    case = _case_of(house, person)
    if case is None:
        oncologist = _writer(setting, "oncologist")
        question, form = entry["question"], f"demo-board:{entry['role']}"
        case = put_on(house, person, question, oncologist, for_whom=oncologist.name, form=form)
    if "meeting" in entry and case.meeting is None:
        schedule(house, case.case, entry["meeting"], 1, _writer(setting, "clerk"))


def _way(house: House, person: str, day: date) -> None:
    for number, (name, said) in enumerate(WAY):
        when = at(date.fromordinal(day.toordinal() - len(WAY) + number))
        signal_id = f"demo-board:{person}:{name}"
        record_signal(
            house, person, name, by="demo", at=when, attributes=said, source="demo", signal_id=signal_id
        )


def _decided(house: House, setting: Mapping[str, Any], person: str, entry: Mapping[str, Any]) -> None:
    """The board meets, writes its recommendation and, where it may, signs it."""
    case, chair = _case_of(house, person), _writer(setting, "chair")
    if case is None:
        return
    if not the_board(house).meetings.get(entry["meeting"]):
        attend(house, entry["meeting"], [(name, role) for name, role in setting["present"]], chair)
    if case.current is None:
        said = {**_BLANK, **entry["advice"]}
        advice = read_advice({**said, "due": str(said["due"])})
        recommend(house, case.case, advice, chair, packet_bytes(packet_of_case(house, case)))
    case = _case_of(house, person)
    if "signed" in entry and case is not None and case.stage is CaseStage.DRAFTED:
        sign(house, case.case, len(case.versions), chair)


_BLANK = {
    "kind": "no-change", "what": "", "treatment": "", "use": "no-medicine", "rxnorm": [],
    "priority": "routine", "evidence": [], "why": "", "owner": "", "due": "",
}  # fmt: skip


def _ended(house: House, setting: Mapping[str, Any], person: str, reason: str) -> None:
    case = _case_of(house, person)
    if case is not None and case.stage is CaseStage.SIGNED:
        followed(house, case.case, _writer(setting, "oncologist"), reason=reason)
