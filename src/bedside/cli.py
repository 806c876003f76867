"""`bedside`: the command line. What each command does is in `commands.py`.

Exit status: 0 success, 1 bad input (one line per problem on stderr), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bedside import __version__
from bedside.errors import BedsideError, InputError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is the return value."""
    arguments = parser().parse_args(argv)
    from bedside import commands

    try:
        status: int = getattr(commands, arguments.run)(arguments)
        return status
    except InputError as error:
        for problem in error.problems:
            print(f"bedside: {problem}", file=sys.stderr)
        return 1
    except BedsideError as error:
        print(f"bedside: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 0
    except OSError as error:
        print(f"bedside: {named(error)}", file=sys.stderr)
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return 1
    except KeyboardInterrupt:
        print(
            "bedside: interrupted; what was acknowledged is stored, the rest can be given again",
            file=sys.stderr,
        )
        return 130


def named(error: OSError) -> str:
    """What the operating system refused, with the file's name where it has one."""
    where = f"{os.path.basename(os.fsdecode(error.filename))}: " if error.filename else ""
    return f"{where}{error.strerror or error} (check the path, the rights and the space left)"


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="bedside", description="Carries a genomic result from the laboratory to the bedside."
    )
    top.add_argument("--version", action="version", version=f"bedside {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _pgx(
        commands.add_parser(
            "pgx", help="call the pharmacogenes of a laboratory's file and say what they mean"
        )
    )
    _accept(commands.add_parser("accept", help="take a laboratory's file into the lifelong record"))
    _show(commands.add_parser("show", help="show a person's record, also as it was known on a past date"))
    _demo(commands.add_parser("demo", help="a made-up health system, served on this machine"))
    _serve(commands.add_parser("serve", help="serve the pages and CDS Hooks over a store"))
    _knowledge(commands.add_parser("knowledge", help="list, check and compare knowledge releases"))
    _reinterpret(
        commands.add_parser("reinterpret", help="give every stored observation its meaning under a release")
    )
    _withdraw(commands.add_parser("withdraw", help="take a wrong result out of force, with the reason"))
    _audit(commands.add_parser("audit", help="check that the whole record is as it was written"))
    return top


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="VCF (plain or gzipped), BCF or gVCF"
    )
    parser.add_argument(
        "--outside", type=Path, metavar="TSV", help="calls made elsewhere (another laboratory, tool)"
    )
    parser.add_argument(
        "--build", choices=("GRCh38", "GRCh37"), help="the file's build, when its header does not say"
    )
    parser.add_argument(
        "--ignore-filters", action="store_true", help="use records that failed the caller's filter"
    )


def _store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--store", metavar="URL", help="sqlite:///PATH or postgresql://… (BEDSIDE_STORE_URL)")


def _pgx(parser: argparse.ArgumentParser) -> None:
    _files(parser)
    parser.add_argument("--format", choices=("json", "tsv", "html", "fhir"), default="json")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="write here instead of standard output"
    )
    parser.add_argument(
        "--all-candidates", action="store_true", help="every diplotype that fits, not only the best"
    )
    parser.add_argument("--combinations", action="store_true", help="also combination and partial alleles")
    parser.add_argument(
        "--call-cyp2d6", action="store_true", help="from genotypes alone, without copy number (research)"
    )
    parser.add_argument("--no-recommendations", action="store_true", help="calls and phenotypes only")
    parser.set_defaults(run="run_pgx")


def _accept(parser: argparse.ArgumentParser) -> None:
    _files(parser)
    parser.add_argument(
        "--person",
        type=_name,
        metavar="ID",
        help="whose file it is; else each sample is a person of that name",
    )
    parser.add_argument("--laboratory", default="", help="who made the file")
    _store(parser)
    parser.set_defaults(run="run_accept")


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", metavar="PERSON")
    parser.add_argument(
        "--as-of", metavar="DATE", help="what was known at the end of that day (YYYY-MM-DD, UTC)"
    )
    parser.add_argument("--format", choices=("text", "json", "fhir"), default="text")
    _store(parser)
    parser.set_defaults(run="run_show")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=_positive, default=300, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--host", metavar="H", help="address to listen on (BEDSIDE_HOST)")
    parser.add_argument("--port", type=_port, metavar="P", help="port to listen on (BEDSIDE_PORT)")
    parser.add_argument("--no-serve", action="store_true", help="make the record and stop")
    _store(parser)
    parser.set_defaults(run="run_demo")


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", metavar="H", help="address to listen on (BEDSIDE_HOST)")
    parser.add_argument("--port", type=_port, metavar="P", help="port to listen on (BEDSIDE_PORT)")
    _store(parser)
    parser.set_defaults(run="run_serve")


def _knowledge(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|check|diff")
    listing = actions.add_parser("list", help="the releases at hand: licence, date, digest, owner, review")
    listing.set_defaults(run="run_knowledge_list")
    check = actions.add_parser("check", help="digests, required fields, and what contradicts itself")
    check.set_defaults(run="run_knowledge_check")
    diff = actions.add_parser("diff", help="what changed between two releases (NAME@DATE or a folder)")
    diff.add_argument("before", metavar="A")
    diff.add_argument("after", metavar="B")
    diff.add_argument("--format", choices=("text", "tsv"), default="text")
    diff.set_defaults(run="run_knowledge_diff")


def _reinterpret(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", metavar="NAME@DATE", help="the release to adopt; else the newest at hand")
    _store(parser)
    parser.set_defaults(run="run_reinterpret")


def _withdraw(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("result", metavar="RESULT", help="as `bedside accept` printed it (r-…)")
    parser.add_argument("--reason", required=True, help="why; it stays in the record")
    _store(parser)
    parser.set_defaults(run="run_withdraw")


def _audit(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="verify|rebuild")
    verify = actions.add_parser("verify", help="chain, content, projections and documents")
    verify.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="a checkpoint kept elsewhere; shows a cut tail"
    )
    _store(verify)
    verify.set_defaults(run="run_audit_verify")
    rebuild = actions.add_parser("rebuild", help="write the projections anew from the events")
    _store(rebuild)
    rebuild.set_defaults(run="run_audit_rebuild")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError("must be a name of printable characters")
    return text


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a port from 0 to 65535")
    return int(text)
