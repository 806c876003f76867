"""What stands ready beside an open step, what may stand in somebody's way, and how people are reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.care_pathway import Step
from bedside.knowledge.care_pathways import KIND
from bedside.knowledge.provenance import Provenance, rule_files

NAME = "worklist"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is prepared for the owner of a step. page: the page of the person on which it is done, "" for
    none; contact: whether doing it means speaking with the person."""

    name: str
    title: str
    text: str
    page: str = ""
    contact: bool = False


@dataclass(frozen=True, slots=True)
class WorklistWords:
    """The words of a site's worklist. contact_by: signals that somebody spoke with the person; missed_by,
    met_by: what says that an appointment was missed, and that it was made good. kept: of pathways of which
    even being on one says something, the permission that is needed to see who is."""

    provenance: Provenance
    drafts: Mapping[str, Draft]
    barriers: Mapping[str, str]
    channels: Mapping[str, str]
    contact_by: frozenset[str]
    missed_by: frozenset[str]
    met_by: frozenset[str]
    kept: Mapping[str, str]

    def is_contact(self, step: Step) -> bool:
        """Whether the next move of a step is to reach the person."""
        draft = self.drafts.get(step.draft)
        return bool(draft and draft.contact) or any(one.signal in self.contact_by for one in step.done_by)


def load_worklist_words(root: Path | None = None) -> WorklistWords:
    """The words in force, a site's own in place of those shipped; raises PackError."""
    files = [file for file in rule_files(KIND, root) if file.provenance.name == NAME]
    if not files:
        raise PackError([Problem(f"{KIND}/{NAME}.toml", "no such rule file")])
    document = files[-1].document
    try:
        drafts = {
            str(name): Draft(
                str(name),
                str(entry["title"]),
                str(entry["text"]),
                str(entry.get("page", "")),
                bool(entry.get("contact", False)),
            )
            for name, entry in document["draft"].items()
        }
        barriers, channels = (
            {str(code): str(title) for code, title in document[name].items()}
            for name in ("barrier", "channel")
        )
        kept = {str(name): str(needed) for name, needed in document.get("kept", {}).items()}
        contact, missed, met = (
            frozenset(map(str, document[name])) for name in ("contact_by", "missed_by", "met_by")
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise files[-1].fail(f"not the words of a worklist: {error}") from error
    return WorklistWords(files[-1].provenance, drafts, barriers, channels, contact, missed, met, kept)
