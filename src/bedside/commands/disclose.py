"""`bedside disclose`: whose move it is with every finding; a step written down; a letter; the measures."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from bedside.commands.opening import add_store, opened, settings_of


def disclose(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside disclose`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    lines = actions.add_parser("list", help="every finding on its way, most urgent first")
    lines.add_argument("--role", metavar="ROLE", help="only what this role owes")
    lines.add_argument("--site", metavar="SITE", help="only findings of this site")
    lines.add_argument("--day", type=_day, metavar="DATE", help="as it stands on a day (default: today)")
    lines.add_argument("--over", action="store_true", help="also those where nothing more is owed")
    lines.add_argument(
        "--pathway", choices=("disclosure", "cascade", "newborn"), default="disclosure", help="which way"
    )
    add_store(lines)
    lines.set_defaults(run=run_list)
    step = actions.add_parser("step", help="write down what came of a step")
    for name in ("person", "finding", "step", "outcome"):
        step.add_argument(name, metavar=name.upper())
    step.add_argument("--by", required=True, metavar="WHO", help="who did it")
    step.add_argument("--channel", metavar="HOW", help="telephone, letter, portal, visit")
    step.add_argument("--laboratory", metavar="NAME", help="the clinical laboratory that confirmed it")
    step.add_argument("--relative", metavar="ID", help="the relative, for a step of the cascade")
    step.add_argument("--newborn", action="store_true", help="a step of the newborn loop")
    add_store(step)
    step.set_defaults(run=run_step)
    letter = actions.add_parser("letter", help="write a letter about a finding, keep it, and print it")
    for name in ("person", "finding", "letter"):
        letter.add_argument(name, metavar=name.upper())
    letter.add_argument("--by", required=True, metavar="WHO", help="who writes it")
    letter.add_argument("--contact", default="", metavar="TEXT", help="whom to ask, printed on the letter")
    letter.add_argument("--relative", metavar="ID", help="to this relative (LETTER: invitation)")
    add_store(letter)
    letter.set_defaults(run=run_letter)
    problem = actions.add_parser("problem", help="enter the diagnosis in the problem list: proof of arrival")
    for name in ("person", "finding", "code"):
        problem.add_argument(name, metavar=name.upper())
    problem.add_argument(
        "--system", choices=("icd10cm", "snomed"), default="icd10cm", help="whose code it is"
    )
    problem.add_argument("--by", required=True, metavar="WHO", help="who enters it")
    add_store(problem)
    problem.set_defaults(run=run_problem)
    _family(actions)
    measures = actions.add_parser("measures", help="shares and median days of the last mile")
    measures.add_argument("--site", metavar="SITE", help="only findings of this site")
    add_store(measures)
    measures.set_defaults(run=run_measures)


def _family(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    relative = actions.add_parser("relative", help="record a relative of a person")
    for name in ("person", "relative", "relation"):
        relative.add_argument(name, metavar=name.upper())
    relative.add_argument("--of", default="", metavar="ID", help="the relation is to this relative")
    relative.add_argument("--record", default="", metavar="ID", help="the relative's own record here")
    relative.add_argument("--born", type=_day, metavar="DATE", help="birth date")
    relative.add_argument("--deceased", action="store_true", help="the relative died")
    relative.add_argument("--copies", type=int, choices=(0, 1, 2), help="copies found in a test of them")
    relative.add_argument("--by", required=True, metavar="WHO", help="who records it")
    add_store(relative)
    relative.set_defaults(run=run_relative)
    cascade = actions.add_parser("cascade", help="bring in the relatives a finding concerns")
    for name in ("person", "finding"):
        cascade.add_argument(name, metavar=name.upper())
    cascade.add_argument(
        "--inheritance", required=True, choices=("autosomal-dominant", "autosomal-recessive", "x-linked"),
        help="how it is passed on",
    )  # fmt: skip
    cascade.add_argument("--copies", type=int, choices=(1, 2), default=1, help="copies the person carries")
    cascade.add_argument("--by", required=True, metavar="WHO", help="who starts it")
    add_store(cascade)
    cascade.set_defaults(run=run_cascade)


COLUMNS = (
    "person", "finding", "relative", "state", "owner", "action", "since", "days", "due", "urgency",
    "waits_for", "final", "attempts", "early",
)  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a day such as 2026-03-01") from error


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside disclose list`: one line for each finding, tab-separated."""
    from bedside.service.cascade import cascade_worklist
    from bedside.service.disclose import worklist
    from bedside.service.newborns import newborn_worklist

    house = opened(settings_of(arguments), must_exist=True)
    try:
        day = arguments.day or house.clock().date()
        if arguments.pathway == "cascade":
            lines = cascade_worklist(house, day, over=arguments.over)
        elif arguments.pathway == "newborn":
            lines = newborn_worklist(house, day, over=arguments.over)
        else:
            lines = worklist(house, day, over=arguments.over)
    finally:
        house.close()
    print("\t".join(COLUMNS))
    for line in lines:
        if arguments.role in (None, line.owner) and arguments.site in (None, line.site):
            print("\t".join(_text(getattr(line, name)) for name in COLUMNS))
    return 0


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(getattr(value, "value", value))


def run_step(arguments: argparse.Namespace) -> int:
    """`bedside disclose step`."""
    from bedside.service.cascade import record_relative_step
    from bedside.service.disclose import record_step
    from bedside.service.newborns import record_newborn_step

    given = {"channel": arguments.channel, "laboratory": arguments.laboratory}
    details = {name: value for name, value in given.items() if value}
    house = opened(settings_of(arguments), must_exist=True)
    person, finding = arguments.person, arguments.finding
    step, outcome, by = arguments.step, arguments.outcome, arguments.by
    try:
        if arguments.relative:
            relative = record_relative_step(
                house, person, finding, arguments.relative, step, outcome, actor=by, details=details
            )
            here = relative.place
        elif arguments.newborn:
            here = record_newborn_step(house, person, finding, step, outcome, actor=by, details=details)
        else:
            here = record_step(house, person, finding, step, outcome, actor=by, details=details)
    finally:
        house.close()
    print("\t".join((finding, here.state.name, here.state.owner, here.state.final)))
    return 0


def run_letter(arguments: argparse.Namespace) -> int:
    """`bedside disclose letter`: the digest under which it is kept goes to standard error."""
    from bedside.service.cascade_letters import write_invitation
    from bedside.service.disclose_letters import write_finding_letter

    house = opened(settings_of(arguments), must_exist=True)
    person, finding, by, contact = arguments.person, arguments.finding, arguments.by, arguments.contact
    try:
        if arguments.relative:
            letter = write_invitation(house, person, finding, arguments.relative, actor=by, contact=contact)
        else:
            letter = write_finding_letter(house, person, finding, arguments.letter, actor=by, contact=contact)
    finally:
        house.close()
    sys.stdout.write(letter.content.decode())
    print(f"bedside: kept as {letter.sha256}", file=sys.stderr)
    return 0


def run_problem(arguments: argparse.Namespace) -> int:
    """`bedside disclose problem`."""
    from bedside.genome.code import Code, System
    from bedside.service.disclose_letters import enter_problem

    system = {"icd10cm": System.ICD10CM, "snomed": System.SNOMED_CT}[arguments.system]
    house = opened(settings_of(arguments), must_exist=True)
    try:
        code = Code(system, arguments.code)
        here = enter_problem(house, arguments.person, arguments.finding, code, actor=arguments.by)
    finally:
        house.close()
    print("\t".join((arguments.finding, here.state.name, here.state.owner, here.state.final)))
    return 0


def run_measures(arguments: argparse.Namespace) -> int:
    """`bedside disclose measures`: name, value, of what; tab-separated."""
    from bedside.service.disclose_metrics import disclosure_metrics, rows_of

    house = opened(settings_of(arguments), must_exist=True)
    try:
        rows = rows_of(disclosure_metrics(house, house.clock().date(), arguments.site))
    finally:
        house.close()
    for row in rows:
        print("\t".join(row))
    return 0


def run_relative(arguments: argparse.Namespace) -> int:
    """`bedside disclose relative`."""
    from bedside.act.cascade_family import named_of
    from bedside.service.cascade import record_relative

    named = named_of(
        {
            "relative": arguments.relative,
            "relation": arguments.relation,
            "of": arguments.of,
            "person": arguments.record,
            "birth_date": None if arguments.born is None else arguments.born.isoformat(),
            "deceased": arguments.deceased,
            "copies": arguments.copies,
        }
    )
    house = opened(settings_of(arguments), must_exist=True)
    try:
        family = record_relative(house, arguments.person, named, actor=arguments.by)
    finally:
        house.close()
    print(f"{arguments.relative}\trecorded\t{len(family.members)} in the family")
    return 0


def run_cascade(arguments: argparse.Namespace) -> int:
    """`bedside disclose cascade`: relative, degree, chance to carry; likeliest first."""
    from bedside.genome.inheritance import Inheritance
    from bedside.service.cascade import start_cascade

    inheritance = Inheritance(arguments.inheritance)
    person, finding, by = arguments.person, arguments.finding, arguments.by
    house = opened(settings_of(arguments), must_exist=True)
    try:
        risks = start_cascade(house, person, finding, inheritance, actor=by, copies=arguments.copies)
    finally:
        house.close()
    for risk in risks:
        print(f"{risk.member}\t{risk.degree}\t{risk.chance.carries:.3f}")
    return 0
