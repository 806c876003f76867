"""Every study that ships, that a site keeps, or that was registered: who owns it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedside.knowledge.study_protocol import Protocol, load_protocols
from bedside.service.house import House
from bedside.service.study_checklist import interval_text
from bedside.service.study_registry import Ran, Registered, ran, registered


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A study. protocol: None for one that was registered from a file and is in no folder of packs."""

    name: str
    title: str
    owner: str
    protocol: Protocol | None
    registered: Registered | None
    last: Ran | None
    runs: int

    @property
    def answer(self) -> str:
        """What the last run came to, in one line; "" when it was never run."""
        main = None if self.last is None else self.last.summary.get("main")
        return "" if main is None else f"{main['quantity']}: {interval_text(main)}"

    @property
    def refused(self) -> bool:
        """Whether the last run was refused."""
        return self.last is not None and "refused" in self.last.summary.get("main", {})


def studies(house: House) -> tuple[StudyLine, ...]:
    """Every study by name."""
    held, written, runs = load_protocols(house.settings.knowledge_folder), registered(house), ran(house)
    made = []
    for name in sorted({*held, *written, *runs}):
        protocol, first = held.get(name), written.get(name, (None,))[0]
        title = protocol.provenance.title if protocol else (first.title if first else name)
        owner = protocol.provenance.owner if protocol else (first.owner if first else "")
        own = runs.get(name, ())
        made.append(StudyLine(name, title, owner, protocol, first, own[-1] if own else None, len(own)))
    return tuple(made)


def study_lines(house: House) -> Iterator[tuple[str, ...]]:
    """The lines of `bedside study list`, with a head."""
    yield ("study", "registered", "runs", "answer", "owner", "title")
    for one in studies(house):
        day = "never" if one.registered is None else one.registered.at.date().isoformat()
        yield (one.name, day, str(one.runs), one.answer or "not run", one.owner, one.title)
