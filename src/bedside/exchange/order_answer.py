"""Reads `ORL^O22` (and `ORR`): whether a laboratory takes an order of ours, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from bedside.errors import IntakeError, Problem
from bedside.exchange.hl7v2_text import SOURCE, Message, Segment

KINDS = frozenset({"ORL", "ORR"})
TAKEN = frozenset({"OK", "NA"})
"""ORC-1: taken, or taken under a number of the laboratory's."""
NOT_TAKEN = frozenset({"UA", "OC", "DE"})
"""ORC-1: unable to accept, taken back by the laboratory, an error in the data."""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What a laboratory says of an order. numbers: every number of the person that it names, as written."""

    order: str
    accepted: bool
    reason: str
    laboratory: str
    filler: str
    numbers: tuple[tuple[str, str], ...]


def read_order_answer(message: Message) -> OrderAnswer:
    """The answer; `IntakeError` when it is about no order, about several, or says neither yes nor no."""
    said, controls = message.first("MSA"), message.named("ORC")
    problems = [Problem(SOURCE, "has no MSA segment")] if said is None else []
    numbers = {one for orc in controls if (one := orc.text(2).strip())}
    codes = {orc.text(1).strip() for orc in controls}
    order = next(iter(numbers), "" if said is None else said.text(2).strip())
    if len(numbers) > 1 or len(codes) > 1:
        problems.append(
            Problem(SOURCE, "answers several orders, or one in two ways", remedy="send one answer each")
        )
    if not order:
        problems.append(Problem(SOURCE, "names no order: ORC-2 and MSA-2 are empty"))
    code = next(iter(codes), "")
    whole = "" if said is None else said.text(1).strip()
    taken = whole in ("AA", "CA") and (code in TAKEN or not controls)
    refused = whole in ("AE", "AR", "CE", "CR") or code in NOT_TAKEN
    if not taken and not refused:
        problems.append(Problem(SOURCE, "says neither that the order is taken nor that it is not"))
    if problems:
        raise IntakeError(problems)
    header = message.header
    return OrderAnswer(
        order,
        taken and not refused,
        "" if taken and not refused else _why(message, controls, said),
        "/".join(filter(None, (header.text(3), header.text(4)))),
        next((one for orc in controls if (one := orc.text(3).strip())), ""),
        tuple(_numbers(message.first("PID"))),
    )


def _why(message: Message, controls: tuple[Segment, ...], said: Segment | None) -> str:
    """The reason as the laboratory says it, wherever it stands."""
    told = [orc.text(16, 2) or orc.text(16) for orc in controls]
    told += [err.text(8) or err.text(7) or err.text(3, 2) for err in message.named("ERR")]
    told += [note.text(3) for note in message.named("NTE")]
    told.append("" if said is None else said.text(3))
    return "; ".join(dict.fromkeys(one.strip() for one in told if one.strip()))[:400]


def _numbers(pid: Segment | None) -> list[tuple[str, str]]:
    if pid is None:
        return []
    repeats = pid.repeats(3)
    return [
        ("".join(pid.part(one, 1).split()), pid.part(one, 4, 2) or pid.part(one, 4, 1))
        for one in repeats
        if one
    ]
