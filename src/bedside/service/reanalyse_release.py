"""Which two releases a reanalysis is about, by the names a person gives: `clinvar@2026-02-26`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from bedside.errors import InputError, PackError
from bedside.genome.event import EventKind
from bedside.genome.record import source_of
from bedside.knowledge.catalogue import release_folders
from bedside.knowledge.check import check_release
from bedside.knowledge.clinvar.keep import releases_root
from bedside.knowledge.clinvar.release import ClinvarRelease, load_clinvar
from bedside.knowledge.gene_validity_release import NAME as CLINGEN
from bedside.knowledge.gene_validity_release import ValidityRelease, load_validity
from bedside.knowledge.report import folder_named, load_named
from bedside.service.house import SOURCE as CPIC
from bedside.service.house import House
from bedside.service.reanalyse import SOURCE as CLINVAR
from bedside.service.reanalyse import Asked, Reanalysed, reanalyse_clinvar
from bedside.service.reanalyse_pgx import reanalyse_pgx
from bedside.service.reanalyse_validity import reanalyse_validity


def reanalyse_to(house: House, name: str, asked: Asked) -> Reanalysed:
    """Adopt a release by its name. What it is compared with is the one in force; when none is, the newest at
    hand before it. Raises `InputError` for a source that is not reanalysed.
    """
    source, _, day = name.partition("@")
    if source == CLINVAR:
        return reanalyse_clinvar(house, clinvar_before(house, day), load_clinvar(name, house.settings), asked)
    if source == CLINGEN:
        return _validity(house, day, asked)
    if source == CPIC:
        return _pgx(house, name, asked)
    known = ", ".join((CLINVAR, CLINGEN, CPIC))
    raise InputError.one(name, "is of no source that is reanalysed", remedy=f"one of {known}, as NAME@DATE")


def clinvar_before(house: House, day: str) -> ClinvarRelease | None:
    """What a release of a day ("": the newest at hand) is compared with: the release of ClinVar in force;
    where none was adopted, the one people were screened under, or the newest at hand, before that day."""
    adopted = house.ledger.release(CLINVAR)
    if adopted is not None:
        return load_clinvar(adopted, house.settings)
    days = _days(house, CLINVAR)
    until = day or max(days, default="")
    screened = _screened_under(house, None)
    if screened is not None and _day(screened) < until:
        return load_clinvar(screened, house.settings)
    earlier = [one for one in days if one < until]
    return load_clinvar(f"{CLINVAR}@{earlier[-1]}", house.settings) if earlier else None


def clinvar_in_force(house: House, as_of: date | None = None) -> ClinvarRelease:
    """The release of ClinVar in force (at the end of a day): the one adopted last; before any was, the one
    people were screened under last, else the newest at hand (of that day)."""
    until = None if as_of is None else datetime.combine(as_of, time.max, UTC)
    events = house.ledger.events(kinds=[EventKind.RELEASE_ADOPTED], known_at=until)
    names = [event.payload["release"] for event in events]
    adopted = next((one for one in reversed(names) if source_of(one) == CLINVAR), None)
    in_force = adopted or _screened_under(house, until)
    if in_force is not None:
        return load_clinvar(in_force, house.settings)
    days = [one for one in _days(house, CLINVAR) if as_of is None or one <= as_of.isoformat()]
    if not days:
        remedy = "add one with `bedside knowledge add clinvar FILE`"
        raise PackError.one(CLINVAR, "no release is at hand", remedy=remedy)
    return load_clinvar(f"{CLINVAR}@{days[-1]}", house.settings)


def _screened_under(house: House, until: datetime | None) -> str | None:
    """The release of the last screen that is on record."""
    events = house.ledger.events(kinds=[EventKind.GENOME_SCREENED], known_at=until)
    return next((str(event.payload["release"]) for event in reversed(list(events))), None)


def _day(release: str) -> str:
    return release.partition("@")[2].partition("#")[0]


def _days(house: House, source: str) -> list[str]:
    folders = release_folders(releases_root(house.settings))
    return sorted(folder.name for folder in folders if folder.parent.name == source)


def _validity(house: House, day: str, asked: Asked) -> Reanalysed:
    root, adopted = releases_root(house.settings), house.ledger.release(CLINGEN)
    before: ValidityRelease | None = None
    if adopted is not None:
        before = load_validity(_day(adopted), root)
    else:
        earlier = [one for one in _days(house, CLINGEN) if one < day]
        before = load_validity(earlier[-1], root) if earlier else None
    after = load_validity(day or None, root)
    return reanalyse_validity(house, before, after, clinvar_in_force(house), asked)


def _pgx(house: House, name: str, asked: Asked) -> Reanalysed:
    root = house.settings.knowledge_folder
    folder = folder_named(name, root)
    problems = list(check_release(folder))
    if problems:
        raise InputError(problems)
    return reanalyse_pgx(house, load_named(name, root), asked)
