"""`bedside order`, `specimen` and `quarantine`: from a test wanted to its result in the right chart."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, name_text, opened, settings_of

if TYPE_CHECKING:
    from bedside.genome.order import Order
    from bedside.genome.specimen import Specimen
    from bedside.service.house import House
    from bedside.service.order_test import Elsewhere
    from bedside.service.stored_answers import Before

STEPS = ("label", "collect", "ship", "receive", "reject", "lose")


def order(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside order`."""
    parser.add_argument("person", metavar="PERSON", type=name_text, help="the person's id")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--test", metavar="T", help="a test of the catalogue")
    which.add_argument("--list", action="store_true", help="every order of the person, and where it stands")
    which.add_argument("--cancel", metavar="ORDER", help="take an open order back; say why with --why")
    which.add_argument("--placed", metavar="ORDER", help="write an order again that is placed already")
    parser.add_argument(
        "--reason", metavar="ICD10", default="", help="why (default: what fits of the problems)"
    )
    parser.add_argument(
        "--format", choices=("text", "fhir", "hl7v2", "pdf"), default="text", help="how to write it"
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="write it here (default: standard output)")
    parser.add_argument("--by", metavar="WHO", default="ordering clinician", help="who orders")
    parser.add_argument(
        "--answer", metavar="QUESTION=TEXT", action="append", default=[], type=_answer,
        help="an answer that the chart does not have",
    )  # fmt: skip
    parser.add_argument(
        "--chart", metavar="FILE", type=Path,
        help="the EHR's chart as a FHIR Bundle; answers where the record says nothing",
    )  # fmt: skip
    parser.add_argument("--why", metavar="TEXT", default="", help="with --cancel: why")
    parser.add_argument("--urgent", action="store_true", help="ask the laboratory to begin at once")
    parser.add_argument(
        "--despite", metavar="WHY", default="", help="order although the record advises against it"
    )
    parser.add_argument(
        "--check", action="store_true", help="say what the record knows already; order nothing"
    )
    add_store(parser)
    parser.set_defaults(run=run_order)


def specimen(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside specimen`."""
    parser.add_argument("person", metavar="PERSON", type=name_text, help="the person's id")
    parser.add_argument("number", metavar="NUMBER", help="the specimen's number; for `label` the order's")
    parser.add_argument("step", metavar="STEP", choices=STEPS, help=", ".join(STEPS))
    parser.add_argument("--by", metavar="WHO", required=True, help="who did it")
    parser.add_argument("--why", metavar="TEXT", default="", help="why it was rejected or lost")
    parser.add_argument("--tube", metavar="NUMBER", default="", help="with `label`: the number on the tube")
    add_store(parser)
    parser.set_defaults(run=run_specimen)


def quarantine(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside quarantine`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="the messages that wait for a person, with the reasons")
    add_store(listed)
    listed.set_defaults(run=run_list)
    give = actions.add_parser("give", help="take a message into the chart it belongs to")
    give.add_argument("number", metavar="NUMBER", help="the message's number, or how it begins")
    give.add_argument("person", metavar="PERSON", type=name_text, help="whose it is")
    dismiss = actions.add_parser("dismiss", help="take a message into nobody's chart")
    dismiss.add_argument("number", metavar="NUMBER", help="the message's number, or how it begins")
    for one, run in ((give, run_give), (dismiss, run_dismiss)):
        one.add_argument("--by", metavar="WHO", required=True, help="who decides")
        one.add_argument("--why", metavar="TEXT", required=True, help="why")
        add_store(one)
        one.set_defaults(run=run)


def _answer(text: str) -> tuple[str, str]:
    question, equals, value = text.partition("=")
    if not equals or not question or not value.strip():
        raise argparse.ArgumentTypeError("is written QUESTION=TEXT")
    return question, value


def _within(arguments: argparse.Namespace, act: Callable[[House], bytes]) -> int:
    house = opened(settings_of(arguments), must_exist=True)
    try:
        said = act(house)
    finally:
        house.close()
    out = getattr(arguments, "out", None)
    if out is None:
        sys.stdout.buffer.write(said)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(said)
    return 0


def run_order(arguments: argparse.Namespace) -> int:
    """`bedside order`."""

    def act(house: House) -> bytes:
        from bedside.genome.order import Priority
        from bedside.service.order_test import Wish, catalogue_entry, order_named, order_test
        from bedside.service.stored_answers import look_before

        form = arguments.format

        if arguments.list:
            return _listed(house, arguments.person)
        if arguments.cancel is not None:
            return _cancelled(house, arguments)
        if arguments.placed is not None:
            return _written(house, order_named(house, arguments.person, arguments.placed).order, form)
        if arguments.check:
            test = catalogue_entry(house, arguments.test)
            return "".join(
                f"{line}\n" for line in _before(look_before(house, arguments.person, test))
            ).encode()
        priority = Priority.URGENT if arguments.urgent else Priority.ROUTINE
        elsewhere = _elsewhere(house, arguments.person, arguments.chart)
        wish = Wish(
            test=arguments.test,
            orderer=arguments.by,
            reason=arguments.reason,
            answers=dict(arguments.answer),
            priority=priority,
            despite=arguments.despite,
            elsewhere=elsewhere,
        )
        placed = order_test(house, arguments.person, wish)
        told = "".join(f"{line}\n" for line in _before(placed.before)).encode() if form == "text" else b""
        return _written(house, placed.order, form) + told

    return _within(arguments, act)


def _listed(house: House, person: str) -> bytes:
    from bedside.service.follow_orders import orders_stand

    lines = []
    for held, stands, owner in orders_stand(house, person):
        why = held.refused or stands.why
        told = "" if held.answered is None else "taken" if held.answered else "not taken"
        due = "" if stands.due is None else stands.due.isoformat()
        placed = held.placed_at.date().isoformat()
        row = (held.order.order, placed, held.order.test, stands.standing.value, owner, due, told, why)
        lines.append("\t".join(row) + "\n")
    return "".join(lines).encode()


def _cancelled(house: House, arguments: argparse.Namespace) -> bytes:
    from bedside.service.order_test import cancel_order

    cancel_order(house, arguments.person, arguments.cancel, by=arguments.by, reason=arguments.why)
    return f"{arguments.cancel}\tcancelled\n".encode()


def _elsewhere(house: House, person: str, chart: Path | None) -> Elsewhere:
    from bedside.errors import IntakeError
    from bedside.service.chart_over_fhir import chart_over_fhir
    from bedside.service.order_test import Elsewhere

    if chart is None:
        return Elsewhere()
    try:
        content = chart.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise IntakeError.one(chart.name, reason, remedy="check the path and rights") from error
    return chart_over_fhir(house, person, content)


def _written(house: House, order: Order, form: str) -> bytes:
    if form == "hl7v2":
        from bedside.exchange.order_hl7v2 import write_oml

        return write_oml(order, house.clock())
    if form == "pdf":
        from bedside.exchange.order_pdf import write_requisition

        return write_requisition(order)
    if form == "fhir":
        import orjson

        from bedside.exchange.order_fhir import order_bundle

        return orjson.dumps(order_bundle(order), option=orjson.OPT_INDENT_2) + b"\n"
    return "".join(f"{line}\n" for line in _ordered(order)).encode()


def _ordered(order: Order) -> Iterator[str]:
    yield f"Ordered {order.order}: {order.code.name}, {order.laboratory}, {order.priority.value}"
    for reason in order.reasons:
        yield f"Reason: {reason.code} {reason.display}".rstrip()
    yield f"Specimen: {order.specimen.name}, {order.specimen.container}".rstrip(", ")
    for one in order.answers:
        yield f"{one.text}: {one.value} ({one.source})"
    yield f"Digest: {order.digest}"


def _before(before: Before) -> Iterator[str]:
    known = before.assessment
    yield f"Before ordering: {known.advice.value.replace('-', ' ')}: {known.why}"
    if known.orders:
        yield f"Orders: {', '.join(known.orders)}"
    if known.answered:
        yield f"Stored data answer: {', '.join(known.answered)} (results {', '.join(known.from_results)})"
    for gap in known.gaps:
        unseen = ", ".join(one.value.replace("-", " ") for one in gap.aspects)
        yield f"Still open: {gap.gene or 'everything'}: {unseen} ({gap.why})"
    if before.refused:
        yield f"Stored genomes were not looked at: {before.refused}"


def run_specimen(arguments: argparse.Namespace) -> int:
    """`bedside specimen`."""

    def act(house: House) -> bytes:
        from bedside.genome.specimen import Step
        from bedside.service.move_specimen import label_specimen, move_specimen

        who, number = arguments.person, arguments.number
        if arguments.step == "label":
            return _specimen(label_specimen(house, who, number, by=arguments.by, specimen=arguments.tube))
        moved = move_specimen(
            house, who, number, Step(arguments.step), by=arguments.by, reason=arguments.why
        )  # fmt: skip
        return _specimen(moved)

    return _within(arguments, act)


def _specimen(one: Specimen) -> bytes:
    stage = "" if one.stage is None else one.stage.value
    return f"{one.specimen}\t{one.order}\t{stage}\n".encode()


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside quarantine list`."""

    def act(house: House) -> bytes:
        from bedside.service.quarantine import waiting

        rows = [
            (one.number[:16], one.arrived_at.isoformat(), one.sender, one.control_id, "; ".join(one.reasons))
            for one in waiting(house)
        ]
        return "".join("\t".join(row) + "\n" for row in rows).encode()

    return _within(arguments, act)


def run_give(arguments: argparse.Namespace) -> int:
    """`bedside quarantine give`."""

    def act(house: House) -> bytes:
        from bedside.service.owed_drafts import make_owed
        from bedside.service.quarantine import give_to

        said = give_to(house, arguments.number, arguments.person, by=arguments.by, why=arguments.why)
        make_owed(house)
        return f"{said.person}\t{said.result or 'cancelled'}\n".encode()

    return _within(arguments, act)


def run_dismiss(arguments: argparse.Namespace) -> int:
    """`bedside quarantine dismiss`."""

    def act(house: House) -> bytes:
        from bedside.service.quarantine import dismiss

        dismiss(house, arguments.number, by=arguments.by, why=arguments.why)
        return b"dismissed\n"

    return _within(arguments, act)
