"""`bedside consent`: what a person allowed; giving, withdrawing, erasing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import add_store, opened, settings_of

if TYPE_CHECKING:
    from bedside.genome.consent import Consent, Scope
    from bedside.service.erasure_proof import ErasureProof
    from bedside.service.house import House

SCOPES = ("clinical", "research", "recontact", "family", "commercial")


def consent(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside consent`."""
    parser.add_argument("person", metavar="PERSON")
    layers = "|".join((*SCOPES, "all"))
    choices = (*SCOPES, "all")
    parser.add_argument(
        "--give", action="append", default=[], choices=choices, metavar="SCOPE", help=f"one of {layers}"
    )
    parser.add_argument(
        "--withdraw", action="append", default=[], choices=choices, metavar="SCOPE", help=f"one of {layers}"
    )
    parser.add_argument("--by", choices=("self", "guardian"), default="self", help="who spoke (self)")
    parser.add_argument(
        "--uses", action="append", default=[], metavar="DUO:…", help="limits what is given to this use"
    )
    parser.add_argument("--document", type=Path, metavar="FILE", help="what was signed; it is kept")
    parser.add_argument("--as-of", metavar="DATE", help="what held at the end of that day (YYYY-MM-DD, UTC)")
    parser.add_argument(
        "--erase", metavar="REASON", help="erase the stored genome, for good, and print the proof"
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    add_store(parser)
    parser.set_defaults(run=run_consent)


def run_consent(arguments: argparse.Namespace) -> int:
    """`bedside consent`."""
    from bedside.errors import InputError

    changes = bool(arguments.give or arguments.withdraw or arguments.erase is not None)
    if arguments.as_of and changes:
        raise InputError.one("--as-of", "shows a past day; nothing can be changed there")
    if (arguments.uses or arguments.document) and not (arguments.give or arguments.withdraw):
        raise InputError.one("--uses, --document", "belong to --give or --withdraw")
    house = opened(settings_of(arguments), must_exist=True)
    try:
        _record(house, arguments)
        if arguments.erase is not None:
            _tell_proof(_erased(house, arguments.person, arguments.erase), arguments.format)
        else:
            _show(house, arguments)
    finally:
        house.close()
    return 0


def _record(house: House, arguments: argparse.Namespace) -> None:
    from bedside.errors import InputError
    from bedside.genome.consent import Decision, Giver, Said
    from bedside.service.record_consent import record_decisions

    decisions = dict.fromkeys(_scopes(arguments.withdraw), Decision.WITHDRAWN)
    given = _scopes(arguments.give)
    if set(given) & set(decisions):
        raise InputError.one("--give, --withdraw", "the same layer cannot be given and withdrawn at once")
    decisions.update(dict.fromkeys(given, Decision.GIVEN))
    if decisions:
        how = Said(Decision.GIVEN, None, Giver(arguments.by), tuple(sorted(set(arguments.uses))))
        record_decisions(house, arguments.person, decisions, how, document=_signed(arguments.document))


def _scopes(named: list[str]) -> list[Scope]:
    from bedside.genome.consent import Scope

    return list(Scope) if "all" in named else [Scope(name) for name in named]


def _signed(path: Path | None) -> bytes | None:
    from bedside.errors import InputError

    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError.one(path.name, "cannot be read", remedy="check the path") from error


def _show(house: House, arguments: argparse.Namespace) -> None:
    from bedside.service.record_consent import consent_in_force
    from bedside.service.show_person import as_of

    view = consent_in_force(house, arguments.person, as_of(arguments.as_of))
    if arguments.format == "json":
        from bedside.store.encode import canonical

        sys.stdout.write(canonical({"person": view.person, "layers": _rows(view)}).decode() + "\n")
        return
    print("\t".join(_COLUMNS))
    for row in _rows(view):
        print("\t".join(row[name] for name in _COLUMNS))


_COLUMNS = ("scope", "decision", "reason", "by", "since", "uses")


def _rows(view: Consent) -> list[dict[str, str]]:
    """One row a layer; a layer that is open because the policy opens it says so."""
    from bedside.genome.consent import Scope

    rows = []
    for scope in Scope:
        said = view.of(scope)
        rows.append(
            {
                "scope": scope.value,
                "decision": said.decision.value,
                "reason": said.why.value if said.why else "" if said.at else "by-ordering-the-test",
                "by": said.by.value if said.at else "",
                "since": said.at.isoformat() if said.at else "",
                "uses": " ".join(said.uses),
            }
        )
    return rows


def _erased(house: House, person: str, reason: str) -> ErasureProof:
    from bedside.service.erase_genome import erase_stored_genome

    return erase_stored_genome(house, person, reason)


def _tell_proof(proof: ErasureProof, form: str) -> None:
    from bedside.service.erasure_proof import plain_proof
    from bedside.store.encode import canonical

    if form == "json":
        sys.stdout.write(canonical(plain_proof(proof)).decode() + "\n")
        return
    print(f"erased\t{proof.person}\tledger {proof.event}:{proof.hash}\tlake generation {proof.generation}")
    for run in proof.runs:
        print(f"run\t{run}")
    for digest in proof.gone:
        print(f"gone\t{digest}")
    for asked in proof.asked_again:
        print(f"asked again\t{asked.question}\t{asked.answer}")
    for kept in proof.remains:
        print(f"remains\t{kept}")
    print(f"proof\t{proof.document}")
