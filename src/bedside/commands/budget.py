"""`bedside budget`: what a test or a programme does to a budget, whether it is worth it, how sure that is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.commands.opening import add_store, opened, positive, settings_of

if TYPE_CHECKING:
    from bedside.knowledge.economic_model import EconomicModel

DRAWS, SEED = 10_000, 1
MOST_DRAWS = 200_000
"""More would fill the memory and change no digit that anybody reads."""


def budget(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside budget`."""
    parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="a model as TOML, or the name of one that ships"
    )
    parser.add_argument("--portfolio", type=Path, metavar="DIR", help="every model of a folder together")
    parser.add_argument("--draws", type=_draws, default=DRAWS, help="how often to draw (default 10,000)")
    parser.add_argument("--seed", type=_seed, default=SEED, help="the same seed gives the same numbers")
    parser.add_argument(
        "--correlation",
        type=_share,
        default=1.0,
        help="with --portfolio: how far doubts move together, 0 to 1",
    )
    parser.add_argument(
        "--record", action="store_true", help="the value of each programme, from the events of the record"
    )
    parser.add_argument("--list", action="store_true", help="the models that ship and this site's own")
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_budget)


def _draws(text: str) -> int:
    value = positive(text)
    if value > MOST_DRAWS:
        raise argparse.ArgumentTypeError(f"must be at most {MOST_DRAWS:,}")
    return value


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("must be a whole number from 0")
    return int(text)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be a number from 0 to 1")
    return value


def run_budget(arguments: argparse.Namespace) -> int:
    """`bedside budget`: the answer first, as TSV or JSON."""
    from bedside.errors import InputError

    if arguments.list:
        return _list(arguments)
    if arguments.record:
        return _record(arguments)
    if arguments.portfolio is not None:
        return _portfolio(arguments)
    if arguments.model is None:
        raise InputError.one("MODEL", "is missing", remedy="give a TOML file, or --portfolio DIR, or --list")
    return _one(arguments)


def _one(arguments: argparse.Namespace) -> int:
    from bedside.errors import InputError
    from bedside.knowledge.economic_model_file import load_models, read_model_file
    from bedside.knowledge.reporting_checklist import load_reporting_checklist
    from bedside.learn.economics.analysis import analyse
    from bedside.service.economics import COLUMNS, document, lines

    root = settings_of(arguments).knowledge_folder
    if arguments.model.endswith(".toml"):
        model = read_model_file(Path(arguments.model), root)
    else:
        held = load_models(root)
        if arguments.model not in held:
            raise InputError.one(
                "MODEL", f"{arguments.model!r} is no model here", remedy=f"one of {', '.join(held)}"
            )
        model = held[arguments.model]
    if arguments.store:
        model = _measured(model, arguments)
    found, checklist = analyse(model, arguments.draws, arguments.seed), load_reporting_checklist(root)
    if arguments.format == "json":
        _json(document(found, checklist))
    else:
        _table(COLUMNS, lines(found, checklist))
    return 0


def _measured(model: EconomicModel, arguments: argparse.Namespace) -> EconomicModel:
    from bedside.service.measured_inputs import with_measured

    house = opened(settings_of(arguments), must_exist=True)
    try:
        return with_measured(model, house)
    finally:
        house.close()


def _portfolio(arguments: argparse.Namespace) -> int:
    from bedside.service.economic_portfolio import COLUMNS, document, lines, read_folder, sum_up

    models = read_folder(arguments.portfolio, settings_of(arguments).knowledge_folder)
    found = sum_up(models, arguments.draws, arguments.seed, arguments.correlation)
    if arguments.format == "json":
        _json(document(found, models, arguments.draws, arguments.seed))
    else:
        _table(COLUMNS, lines(found, next(iter(models.values())).currency))
    return 0


def _record(arguments: argparse.Namespace) -> int:
    from bedside.service.programme_value import COLUMNS, document, lines, programme_values

    house = opened(settings_of(arguments), must_exist=True)
    try:
        found = programme_values(house, draws=arguments.draws, seed=arguments.seed)
    finally:
        house.close()
    if arguments.format == "json":
        _json({"programmes": [document(one) for one in found]})
    else:
        _table(COLUMNS, lines(found))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from bedside.knowledge.economic_model_file import load_models

    rows = [
        (one.provenance.name, one.provenance.title, one.provenance.review_state)
        for one in load_models(settings_of(arguments).knowledge_folder).values()
    ]
    _table(("model", "title", "review_state"), rows)
    return 0


def _json(said: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode() + "\n")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sys.stdout.write("\t".join(columns) + "\n")
    for row in rows:
        sys.stdout.write("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) + "\n")
