"""`bedside`: the command line. What each command takes and does is in `commands/`.

Exit status: 0 success, 1 bad input (one line per problem on stderr), 2 wrong usage, 3 kept in quarantine.
(`accept`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from bedside import __version__
from bedside.commands import (
    board,
    cohort,
    conformance,
    consent,
    consumer,
    disclose,
    econsult,
    export,
    funnel,
    genome,
    importing,
    knowledge,
    match,
    order,
    pathway,
    pgx,
    phenotype,
    polygenic,
    rank,
    reanalyse,
    record,
    screen,
    serving,
    site,
    undiagnosed,
    worklist,
)
from bedside.errors import BedsideError, InputError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is the return value."""
    arguments = parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
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
    pgx.pgx(
        commands.add_parser(
            "pgx", help="call the pharmacogenes of a laboratory's file and say what they mean"
        )
    )
    record.accept(commands.add_parser("accept", help="take a laboratory's file into the lifelong record"))
    record.show(
        commands.add_parser("show", help="show a person's record, also as it was known on a past date")
    )
    genome.genome(commands.add_parser("genome", help="ask one person's stored genome"))
    cohort.cohort(commands.add_parser("cohort", help="who carries what, who was tested, how often"))
    screen.screen(commands.add_parser("screen", help="hereditary findings of people with a stored genome"))
    undiagnosed.undiagnosed(
        commands.add_parser("undiagnosed", help="whose chart looks like a disease that nobody has named")
    )
    reanalyse.reanalyse(
        commands.add_parser("reanalyse", help="adopt a release; a task for each change that matters")
    )
    disclose.disclose(commands.add_parser("disclose", help="who has to be told what, and how far it got"))
    consent.consent(commands.add_parser("consent", help="what a person allowed; give, withdraw, erase"))
    consumer.consumer(commands.add_parser("consumer", help="take a consumer's raw-data file, unconfirmed"))
    polygenic.polygenic(commands.add_parser("polygenic", help="a polygenic score, or why there is none"))
    order.order(commands.add_parser("order", help="order a genetic test from what the record knows"))
    funnel.funnel(
        commands.add_parser("funnel", help="how many got past each step of a care pathway, and why not")
    )
    phenotype.phenotype(
        commands.add_parser("phenotype", help="which features a note names, and whether they are there")
    )
    match.match(commands.add_parser("match", help="which therapies a tumour's findings speak for or against"))
    board.board(commands.add_parser("board", help="the tumour board: a person's packet, the cases before it"))
    rank.rank(commands.add_parser("rank", help="which diseases or genes fit what was found in a person"))
    worklist.worklist(commands.add_parser("worklist", help="who is stuck, how long, whose move it is"))
    pathway.pathway(
        commands.add_parser("pathway", help="care pathways: where people stand, whose move it is")
    )
    order.specimen(commands.add_parser("specimen", help="where a specimen is, and what happened to it"))
    order.quarantine(commands.add_parser("quarantine", help="messages whose person is not sure"))
    econsult.econsult(commands.add_parser("econsult", help="ask another site about a person, and answer one"))
    site.site(commands.add_parser("site", help="the other sites: what waits for them, and what came"))
    importing.importing(commands.add_parser("import", help="people's FHIR records from another house"))
    export.export(commands.add_parser("export", help="a person's data out: FHIR, VCF, phenopacket"))
    conformance.conformance(
        commands.add_parser("conformance", help="what Bedside was checked against, case by case")
    )
    serving.demo(commands.add_parser("demo", help="a made-up health system, served on this machine"))
    serving.serve(commands.add_parser("serve", help="serve the pages and CDS Hooks over a store"))
    knowledge.knowledge(commands.add_parser("knowledge", help="list, check and compare knowledge releases"))
    knowledge.reinterpret(
        commands.add_parser("reinterpret", help="give every stored observation its meaning under a release")
    )
    record.withdraw(commands.add_parser("withdraw", help="take a wrong result out of force, with the reason"))
    record.audit(commands.add_parser("audit", help="check that the whole record is as it was written"))
    return top
