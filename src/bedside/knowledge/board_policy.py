"""How the tumour board works: its policy, what is expected to have been looked at by tumour type, its
words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.tumour import Aspect
from bedside.knowledge.oncotree import OncoTree
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import parse_table

KIND = "board"
COLUMNS = ("oncotree", "name", "aspect", "checked", "unchecked")
MARKER = "marker"


@dataclass(frozen=True, slots=True)
class Expected:
    """A gene in one aspect, or a marker (aspect None), that is expected of a tumour type. statements: the
    ids of what asks for it; unchecked: of those whose wording was not checked."""

    oncotree: str
    name: str
    aspect: Aspect | None
    statements: tuple[str, ...]
    unchecked: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it is called."""
        return self.name if self.aspect is None else f"{self.name} {self.aspect.value.replace('-', ' ')}"

    @property
    def kind(self) -> str:
        """The word of its aspect, or that it is a marker."""
        return MARKER if self.aspect is None else self.aspect.value


@dataclass(frozen=True, slots=True)
class MarkerCode:
    """A marker in a laboratory's report: our name for it, its unit, and what coded answers mean."""

    name: str
    unit: str = ""
    answers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BoardPolicy:
    """The site's policy; the fields are described in its file."""

    provenance: Provenance
    low_vaf: float
    low_depth: int
    small_panel_mb: float
    confidence: float
    options_on_page: int
    escalate_after_working_days: int
    escalate_to: str
    task: str
    responsible: tuple[str, ...]
    treatments: tuple[str, ...]
    not_followed: tuple[str, ...]
    contact: str
    how: Mapping[str, str]
    markers: Mapping[str, MarkerCode]


@dataclass(frozen=True, slots=True)
class BoardWords:
    """The small sentences of the report."""

    provenance: Provenance
    words: Mapping[str, str]

    def say(self, name: str, **parts: object) -> str:
        """One sentence with its parts filled in."""
        return self.words[name].format(**parts)


@dataclass(frozen=True, slots=True)
class ExpectedPanel:
    """What is expected of every tumour type."""

    provenance: Provenance
    rows: tuple[Expected, ...]

    def of(self, tree: OncoTree, oncotree: str) -> tuple[Expected, ...]:
        """What is expected of a type: by its own code, a code above it, or any solid tumour; each once."""
        found: dict[tuple[str, str], Expected] = {}
        for one in self.rows:
            if tree.is_a(oncotree, one.oncotree):
                before = found.get((one.name, one.kind))
                if before is not None:
                    one = Expected(
                        before.oncotree, one.name, one.aspect, (*before.statements, *one.statements),
                        (*before.unchecked, *one.unchecked),
                    )  # fmt: skip
                found[(one.name, one.kind)] = one
        kinds = [*(aspect.value for aspect in Aspect), MARKER]
        return tuple(sorted(found.values(), key=lambda one: (kinds.index(one.kind), one.name)))


@cache
def load_board_policy(root: Path | None = None) -> BoardPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    file = _file("policy", root)
    names = ("responsible", "treatments", "not_followed")
    try:
        lists = {name: tuple(map(str, file.document[name])) for name in names}
        markers = {code: MarkerCode(**entry) for code, entry in file.document["markers"].items()}
        how = {str(key): str(text) for key, text in file.document["how"].items()}
        policy = BoardPolicy(
            file.provenance,
            float(file.document["low_vaf"]),
            int(file.document["low_depth"]),
            float(file.document["small_panel_mb"]),
            float(file.document["confidence"]),
            int(file.document["options_on_page"]),
            int(file.document["escalate_after_working_days"]),
            str(file.document["escalate_to"]),
            str(file.document["task"]),
            contact=str(file.document["contact"]),
            how=how,
            markers=markers,
            **lists,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise file.fail(f"not a policy of the board: {error}") from error
    missing = {*(aspect.value for aspect in Aspect), MARKER, "undetermined"} - set(how)
    if missing or not 0 < policy.confidence < 1 or not all(lists.values()):
        raise file.fail(f"lacks how to get {', '.join(sorted(missing))}, or a list is empty")
    return policy


@cache
def load_board_words(root: Path | None = None) -> BoardWords:
    """The words of the report; raises PackError."""
    file = _file("phrases", root)
    return BoardWords(file.provenance, {str(k): str(v) for k, v in file.document["words"].items()})


@cache
def load_expected(root: Path | None = None) -> ExpectedPanel:
    """What is expected of every tumour type; raises PackError with every problem."""
    file = _file("expected", root)
    path = (file.folder or Path()) / "expected.tsv"
    if not path.is_file():
        raise file.fail(f"{path.name} is missing beside it")
    problems: list[Problem] = []
    rows = []
    for row in parse_table(f"{KIND}/{path.name}", path.read_bytes(), COLUMNS, problems):
        try:
            aspect = None if row["aspect"] == MARKER else Aspect(row["aspect"])
        except ValueError:
            problems.append(row.problem("names an aspect that there is not"))
            continue
        listed = [tuple(part for part in row[name].split("|") if part) for name in COLUMNS[3:]]
        if not any(listed):
            problems.append(row.problem("names no statement that asks for it"))
        rows.append(Expected(row["oncotree"], row["name"], aspect, *listed))
    if problems:
        raise PackError(problems)
    return ExpectedPanel(file.provenance, tuple(rows))


def _file(name: str, root: Path | None) -> RuleFile:
    found = [one for one in rule_files(KIND, root) if one.provenance.name == name]
    if not found:
        raise PackError([Problem(f"{KIND}/{name}.toml", "no such rule file")])
    return found[-1]
