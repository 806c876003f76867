"""The tumour board's packet as rows of an eConsult: the tumour, what was found and looked at, options and
resistance.

No sample name, laboratory or day is among them, so that a packet without identity stays one.
"""

from __future__ import annotations

from collections.abc import Iterator

from bedside.act.board_packet import BoardPacket, Option
from bedside.errors import InputError
from bedside.service.board_packet import packet_of_person
from bedside.service.house import House
from bedside.service.tumours_held import tumours_of_record

TYPE = ("Tumour", "OncoTree", "Stage", "Performance status", "Treatment so far")
MOLECULAR = ("What", "State", "Found", "Warnings")
OPTIONS = (
    "For or against",
    "Regimen",
    "Biomarker",
    "Line",
    "Status",
    "Tier",
    "Why",
    "Warnings",
    "Statements",
)


def tumour_packet(house: House, person: str) -> BoardPacket | None:
    """The packet of the newest sample; None where none is stored."""
    if not tumours_of_record(house, person):
        return None
    try:
        return packet_of_person(house, person)
    except InputError:
        return None


def type_rows(packet: BoardPacket | None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Key, name and cells of the tumour itself."""
    if packet is not None:
        head, given = packet.header, "; ".join(f"{one.drug} ({one.status})" for one in packet.given)
        cells = (
            head.type_name, head.oncotree, head.stage or "not recorded", head.performance or "not recorded",
            given or "none on record",
        )  # fmt: skip
        yield "tumour:type", head.type_name, cells


def molecular_rows(packet: BoardPacket | None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Of every expected gene and marker, and what else was found, its state."""
    for one in () if packet is None else packet.panel:
        key = f"tumour-molecular:{one.name}:{one.kind}"
        yield key, one.words, (one.words, one.state.value, one.said, "; ".join(one.warnings))


def option_rows(packet: BoardPacket | None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What speaks for and against a therapy."""
    if packet is None:
        return
    for word, several in (("against", packet.resistance), ("for", packet.options)):
        for one in several:
            yield f"tumour-options:{word}:{one.statements[0]}", f"{word} {one.regimen}", _cells(word, one)


def _cells(word: str, one: Option) -> tuple[str, ...]:
    warnings, statements = "; ".join(one.warnings), ", ".join(one.statements)
    return (
        word, one.regimen, one.biomarker, one.line, one.status, one.tier, one.why, warnings, statements,
    )  # fmt: skip
