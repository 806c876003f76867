"""A person's packet for the tumour board: everything gathered from the record, judged under a release,
assembled pure.

The same record, day and releases give the same packet, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.act.board_options import options_of, resistance_of, trial_lines, undetermined_of
from bedside.act.board_packet import BoardPacket, Given, Header, Release, Trials
from bedside.act.board_panel import genes_named, missing_of, panel_of
from bedside.act.board_warnings import tumour_warnings
from bedside.decide.moment import age_on
from bedside.errors import InputError, IntakeError, NotFound
from bedside.genome.observation import digest
from bedside.genome.person import ItemStatus, Person, Sex
from bedside.genome.tumour import SmallVariant, Tumour
from bedside.genome.tumour_sample import HeldTumour
from bedside.knowledge.board_policy import BoardPolicy, load_board_policy, load_board_words, load_expected
from bedside.knowledge.care_pathways import load_therapy_classes
from bedside.knowledge.oncotree import OncoTree
from bedside.knowledge.provenance import Provenance
from bedside.service.house import House
from bedside.service.match_tumours import TumourKnowledge, judged, placed, trials_judged
from bedside.service.tumours_held import (
    FromReports,
    from_reports,
    knowledge_of,
    tumour_of,
    tumours_of_record,
)
from bedside.store.encode import canonical


@dataclass(frozen=True, slots=True)
class TrialsAsked:
    """Where trials are read from, and the day they are asked for."""

    folder: Path
    on: date


def packet_of_person(
    house: House,
    person: str,
    *,
    oncotree: str = "",
    sample: str = "",
    trials: TrialsAsked | None = None,
    on: date | None = None,
) -> BoardPacket:
    """The packet. oncotree: the type, where no sample is stored; sample: which, the newest where it is not
    said. Raises NotFound where nothing of a tumour is in the record."""
    root, at, held = house.settings.knowledge_folder, on or house.clock().date(), knowledge_of(house)
    chosen = _chosen(house, person, sample)
    reports = from_reports(house, person)
    tumour = _tumour(house, chosen, reports, oncotree)
    known = house.ledger.person(person) or Person(person)
    tumour = replace(tumour, patient=_patient(tumour, known, at))
    inside = placed(tumour, held)
    policy, expected = load_board_policy(root), load_expected(root)
    given = _given(house, person)
    ((_, matches),) = judged([inside], held, at)
    doubts = tuple(tumour_warnings(inside))
    mentioned = frozenset(genes_named(reports.texts))
    panel = panel_of(inside, expected.of(held.tree, inside.oncotree), policy, mentioned)
    named = [f"{who}: typed from a report" for _, who in reports.findings]
    return BoardPacket(
        person,
        at,
        _header(known, inside, chosen, held.tree, at),
        given,
        panel,
        (*doubts, *dict.fromkeys(named)),
        tuple(text for _, text in reports.texts),
        options_of(matches, given, policy, doubts),
        undetermined_of(matches, given, policy),
        resistance_of(matches, given, policy),
        _trials(inside, held, trials, root),
        missing_of(panel, policy),
        sum(not one.checked and held.tree.is_a(inside.oncotree, one.oncotree) for one in held.therapies.rows),
        len(tumour.findings) - len(inside.findings),
        _releases(held, policy, expected.provenance, house),
    )


def _chosen(house: House, person: str, sample: str) -> HeldTumour | None:
    samples = tumours_of_record(house, person)
    if not sample:
        return samples[-1] if samples else None
    for one in samples:
        if one.sample == sample:
            return one
    raise NotFound.one("--sample", "no such tumour sample is in the record")


def _tumour(house: House, chosen: HeldTumour | None, reports: FromReports, oncotree: str) -> Tumour:
    """The sample with what reports add; of a change that both name, the sample's own."""
    if chosen is None and not (reports.findings or reports.texts or oncotree):
        raise NotFound.one(
            "person",
            "the record holds nothing of a tumour",
            remedy="`bedside accept FILE --person ID --tumour`",
        )
    if chosen is None and not oncotree:
        raise InputError.one("--tumour", "is needed: no stored sample says the tumour type")
    held = Tumour("", oncotree, ()) if chosen is None else tumour_of(house, chosen)
    if oncotree:
        held = replace(held, oncotree=oncotree)
    places = {_place(one) for one in held.findings}
    more = tuple(one for one, _ in reports.findings if _place(one) not in places)
    return replace(held, findings=(*held.findings, *more))


def _place(finding: object) -> object:
    if isinstance(finding, SmallVariant) and finding.start is not None:
        return finding.gene, finding.build, finding.start, finding.reference, finding.alternate
    if isinstance(finding, SmallVariant):
        return finding.gene, finding.written
    return finding


def _patient(tumour: Tumour, known: Person, at: date) -> dict[str, str]:
    said = dict(tumour.patient)
    if known.birth_date is not None and known.birth_date <= at:
        said["age"] = str(age_on(known.birth_date, at))
    if known.sex is not Sex.UNKNOWN:
        said["sex"] = known.sex.value
    return said


def _header(known: Person, tumour: Tumour, chosen: HeldTumour | None, tree: OncoTree, at: date) -> Header:
    said = tumour.patient
    age = said.get("age", "")
    return Header(
        int(float(age)) if age else None,
        said.get("sex", ""),
        said.get("performance_status", "") or said.get("ecog", ""),
        said.get("stage", ""),
        tumour.oncotree,
        tree.of(tumour.oncotree).name,
        tumour.sample,
        0 if chosen is None else chosen.version,
        "" if chosen is None else chosen.laboratory,
        None if chosen is None else chosen.valid_at.date(),
    )


def _given(house: House, person: str) -> tuple[Given, ...]:
    classes = load_therapy_classes(house.settings.knowledge_folder)
    found = [
        Given(one.drug.display or one.drug.code, classes.get(one.drug.code, ""), one.status.value, one.since)
        for one in house.ledger.medications(person)
        if one.status is not ItemStatus.ENTERED_IN_ERROR and classes.get(one.drug.code, "")
    ]
    return tuple(sorted(found, key=lambda one: (one.since or date.min, one.drug)))


def _trials(tumour: Tumour, held: TumourKnowledge, asked: TrialsAsked | None, root: Path | None) -> Trials:
    if asked is None:
        return Trials(False, "no trials were asked for")
    try:
        ((_, matches),) = trials_judged([tumour], held, asked.folder, asked.on, root)
    except IntakeError as error:
        return Trials(True, f"refused: {'; '.join(dict.fromkeys(one.reason for one in error.problems))}")
    return Trials(True, f"as asked for on {asked.on.isoformat()}", trial_lines(matches))


def _releases(
    held: TumourKnowledge, policy: BoardPolicy, expected: Provenance, house: House
) -> tuple[Release, ...]:
    words = load_board_words(house.settings.knowledge_folder).provenance
    several: Sequence[Provenance] = (
        held.therapies.provenance, held.tree.provenance, held.genes.provenance, held.effects.provenance,
        expected, policy.provenance, words,
    )  # fmt: skip
    return tuple(
        Release(f"{one.name}@{one.retrieved.isoformat()}#{one.sha256[:12]}", one.review_state)
        for one in several
    )


def plain_packet(packet: BoardPacket) -> dict[str, Any]:
    """The packet as plain values, to be stored and replayed."""
    return {"is": "board-packet", **_plain(asdict(packet))}


def packet_bytes(packet: BoardPacket) -> bytes:
    """The packet in canonical form: what its digest is of."""
    return canonical(plain_packet(packet))


def packet_digest(packet: BoardPacket) -> str:
    """The digest that a recommendation names."""
    return digest(packet_bytes(packet))


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
    return value
