"""`bedside alerts`: what alerts did, and what a site decides about a rule."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bedside.commands.opening import add_store, name_text, opened, settings_of

if TYPE_CHECKING:
    from bedside.act.alert_proposals import Proposal
    from bedside.act.cycles import Cycle
    from bedside.service.house import House


def alerts(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside alerts`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    review = actions.add_parser("review", help="per rule, role and site: shown, interruptive, heeded")
    review.add_argument("--format", choices=("tsv", "json"), default="tsv")
    review.set_defaults(run=run_review)
    listed = actions.add_parser("list", help="proposals and decisions about rules")
    listed.set_defaults(run=run_list)
    propose = actions.add_parser("propose", help="propose to make a rule quieter, or to reword it")
    propose.add_argument("rule", metavar="RULE")
    propose.add_argument("--to", choices=("passive", "silent"), help="what its cards become")
    propose.add_argument("--words", default="", help="the site's own words in place of ours")
    propose.add_argument("--role", action="append", default=[], help="only for this role of who orders")
    propose.add_argument("--why", required=True)
    for name, told in _PLAN.items():
        propose.add_argument(f"--{name}", required=True, help=told)
    propose.set_defaults(run=run_propose)
    approve = _decision(actions, "approve", run_approve, "put a proposal into force; never one's own")
    approve.add_argument("--owner", default="", help="who answers for the decision (default: who approves)")
    _decision(actions, "refuse", run_refuse, "refuse a proposal")
    audit = actions.add_parser("audit", help="was harm missed: open the tasks, read one, show what came")
    audit.add_argument("proposal", metavar="PROPOSAL")
    audit.add_argument("--open", action="store_true", help="choose occasions and open two tasks for each")
    audit.add_argument("--task", metavar="TASK", help="the occasion that was read")
    audit.add_argument("--verdict", choices=("harm", "no harm", "cannot tell"))
    audit.add_argument("--note", default="", help="what was seen")
    audit.add_argument("--by", type=name_text, metavar="WHO")
    audit.set_defaults(run=run_audit)
    cycle = actions.add_parser("cycle", help="PDSA cycles: list, or take a step of one")
    cycle.add_argument("cycle", nargs="?", metavar="CYCLE")
    cycle.add_argument("--step", choices=("plan", "do", "study", "act"))
    for name, told in {**_PLAN, **_LATER}.items():
        cycle.add_argument(f"--{name}", default="", help=told)
    cycle.add_argument("--by", type=name_text, metavar="WHO")
    cycle.add_argument("--uncycled", action="store_true", help="rule changes that no cycle studies")
    cycle.set_defaults(run=run_cycle)
    for each in (review, listed, propose, audit, cycle):
        add_store(each)
    propose.add_argument("--by", type=name_text, required=True, metavar="WHO")


_PLAN = {
    "aim": "what is to become better",
    "measure": "the measure it shows in",
    "prediction": "what is expected of it",
}
_LATER = {
    "change": "what is changed",
    "follows": "the cycle it follows",
    "before": "version of the rules before",
    "after": "version of the rules after",
    "decision": "adopt, adapt or abandon",
    "reason": "why",
}


def _decision(actions: Any, name: str, run: Any, told: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=told)
    parser.add_argument("proposal", metavar="PROPOSAL")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--by", type=name_text, required=True, metavar="WHO")
    add_store(parser)
    parser.set_defaults(run=run)
    return parser


def run_review(arguments: argparse.Namespace) -> int:
    """`bedside alerts review`: a table, or with `--format json` also changes and clusters of reasons."""
    import orjson

    from bedside.service.alert_readings import alert_review
    from bedside.service.alerts_review import COLUMNS, document, lines

    house = opened(settings_of(arguments), must_exist=True)
    try:
        told = document(house, alert_review(house))
    finally:
        house.close()
    if arguments.format == "json":
        sys.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n")
        return 0
    _write([COLUMNS, *lines(told)])
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """`bedside alerts list`: TSV of every proposal."""
    from bedside.service.alert_proposals import proposals_of

    with _house(arguments) as house:
        _write([_HEAD, *(_row(one) for one in proposals_of(house).values())])
    return 0


def run_propose(arguments: argparse.Namespace) -> int:
    """`bedside alerts propose`: the proposal, with the evidence of this moment."""
    from bedside.act.alert_proposals import Change
    from bedside.errors import InputError
    from bedside.knowledge.alert_policy import Quieter
    from bedside.service.alert_proposals import Asked, propose

    if not arguments.to and not arguments.words:
        raise InputError.one("--to", "nothing is proposed", remedy="give --to passive|silent or --words TEXT")
    change = Change(Quieter(arguments.to) if arguments.to else None, arguments.words, tuple(arguments.role))
    asked = Asked(arguments.why, arguments.aim, arguments.measure, arguments.prediction)
    with _house(arguments) as house:
        _write([_HEAD, _row(propose(house, arguments.rule, change, asked, actor=arguments.by))])
    return 0


def run_approve(arguments: argparse.Namespace) -> int:
    """`bedside alerts approve`: from now on the decision holds."""
    from bedside.service.alert_proposals import approve

    with _house(arguments) as house:
        made = approve(house, arguments.proposal, arguments.reason, actor=arguments.by, owner=arguments.owner)
        _write([_HEAD, _row(made)])
    return 0


def run_refuse(arguments: argparse.Namespace) -> int:
    """`bedside alerts refuse`."""
    from bedside.service.alert_proposals import refuse

    with _house(arguments) as house:
        _write([_HEAD, _row(refuse(house, arguments.proposal, arguments.reason, actor=arguments.by))])
    return 0


def run_audit(arguments: argparse.Namespace) -> int:
    """`bedside alerts audit`: opens the tasks, takes one reader's word, and shows where it stands."""
    from bedside.errors import InputError
    from bedside.service.harm_audit import audit, open_audit, rate

    if (arguments.open or arguments.task) and not arguments.by:
        raise InputError.one("--by", "is missing", remedy="say who opens or reads")
    with _house(arguments) as house:
        if arguments.open:
            open_audit(house, arguments.proposal, actor=arguments.by)
        if arguments.task:
            rate(house, arguments.task, arguments.verdict or "", arguments.note, actor=arguments.by)
        found = audit(house, arguments.proposal)
        agreement = found.agreement
        kappa = (
            ""
            if agreement.kappa is None
            else f"{agreement.kappa:.2f} ({agreement.low:.2f} to {agreement.high:.2f})"
        )
        _write(
            [
                ("occasions", "not_on_record", "sampled", "read_by_two", "agreed", "kappa", "harms"),
                (str(found.occasions), str(found.unknown), str(found.sampled), str(agreement.agreed.of),
                 str(agreement.agreed.count), kappa, str(found.harms)),
            ]
        )  # fmt: skip
        tasks = [one for one in house.ledger.tasks() if one.about.get("proposal") == arguments.proposal]
        for task in tasks:
            sys.stderr.write(f"bedside: to be read: {task.task} by {task.due.isoformat()}\n")
    return 0


def run_cycle(arguments: argparse.Namespace) -> int:
    """`bedside alerts cycle`: every cycle, or one after the step that was taken."""
    from bedside.errors import InputError
    from bedside.service.alert_cycles import cycles_of, move, uncycled

    with _house(arguments) as house:
        if arguments.uncycled:
            found = [(one.at.isoformat(), one.before, one.after) for one in uncycled(house)]
            _write([("at", "before", "after"), *found])
            return 0
        if arguments.step:
            if not arguments.cycle or not arguments.by:
                raise InputError.one("CYCLE", "a step names its cycle and, with --by, who takes it")
            said = {name: getattr(arguments, name) for name in (*_PLAN, *_LATER) if getattr(arguments, name)}
            _write([_CYCLE, _line(move(house, arguments.cycle, arguments.step, said, actor=arguments.by))])
            return 0
        every = cycles_of(house).values()
        _write([_CYCLE, *(_line(one) for one in every if arguments.cycle in (None, one.cycle))])
    return 0


class _house:
    """The house, closed again."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments

    def __enter__(self) -> House:
        self.house = opened(settings_of(self.arguments), must_exist=True)
        return self.house

    def __exit__(self, *_: object) -> None:
        self.house.close()


_HEAD = (
    "proposal", "rule", "drug", "change", "state", "made_by", "decided_by", "reason", "version",
    "review_due", "owner", "cycle",
)  # fmt: skip
_CYCLE = ("cycle", "step", "rule", "aim", "measure", "change", "prediction", "result", "decision", "reason")


def _row(one: Proposal) -> tuple[str, ...]:
    held = one.override
    decided = ("", "", "") if held is None else (str(held.version), held.review_due.isoformat(), held.owner)
    return (
        one.proposal, one.rule, one.drug, one.change.told, one.state.value, one.made_by, one.decided_by,
        one.reason, *decided, one.cycle,
    )  # fmt: skip


def _line(one: Cycle) -> tuple[str, ...]:
    step = one.step.value if one.step else ""
    decision = one.decision.value if one.decision else ""
    return (
        one.cycle, step, one.rule, one.aim, one.measure, one.change, one.prediction, _result(one.result),
        decision, one.reason,
    )  # fmt: skip


def _result(result: Mapping[str, Any]) -> str:
    parts = []
    for name, one in result.items():
        if isinstance(one, Mapping) and "average" in one:
            ratio = one["average"]
            parts.append(f"{name} ×{ratio['ratio']} ({ratio['low']} to {ratio['high']})")
        elif isinstance(one, Mapping) and "refused" in one:
            parts.append(f"{name}: {', '.join(one['refused'])}")
    return "; ".join(parts) or "; ".join(result.get("refused", ()))


def _write(lines: Iterable[Iterable[str]]) -> None:
    for line in lines:
        sys.stdout.write("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line) + "\n")
