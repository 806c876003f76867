"""`bedside`: the command line. What each command takes and does is in `commands/`.

Exit status: 0 success, 1 bad input (one line per problem on stderr), 2 wrong usage, 3 kept in quarantine.
(`accept`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from bedside import __version__
from bedside.commands import (
    alerts,
    audit,
    authorise,
    backup,
    board,
    budget,
    cohort,
    conformance,
    consent,
    consumer,
    cost,
    coverage,
    deidentified,
    disclose,
    dossier,
    downtime,
    econsult,
    equity,
    export,
    funnel,
    genome,
    importing,
    keys,
    knowledge,
    laboratories,
    letter,
    match,
    measures,
    nicu,
    order,
    pathway,
    pgx,
    phenotype,
    playbook,
    polygenic,
    programme,
    rank,
    reanalyse,
    record,
    retention,
    screen,
    security,
    serving,
    site,
    study,
    undiagnosed,
    unsolved,
    worklist,
)
from bedside.errors import BedsideError, InputError

Adder = Callable[[argparse.ArgumentParser], None]

COMMANDS: tuple[tuple[str, Adder, str], ...] = (
    ("pgx", pgx.pgx, "call the pharmacogenes of a laboratory's file and say what they mean"),
    ("accept", record.accept, "take a laboratory's file into the lifelong record"),
    ("show", record.show, "show a person's record, also as it was known on a past date"),
    ("genome", genome.genome, "ask one person's stored genome"),
    ("cohort", cohort.cohort, "who carries what, who was tested, how often"),
    ("screen", screen.screen, "hereditary findings of people with a stored genome"),
    ("reanalyse", reanalyse.reanalyse, "adopt a release; a task for each change that matters"),
    ("disclose", disclose.disclose, "who has to be told what, and how far it got"),
    ("letter", letter.letter, "explain a result to the person; release the letter"),
    ("consent", consent.consent, "what a person allowed; give, withdraw, erase"),
    ("consumer", consumer.consumer, "take a consumer's raw-data file, unconfirmed"),
    ("polygenic", polygenic.polygenic, "a polygenic score, or why there is none"),
    ("order", order.order, "order a genetic test from what the record knows"),
    ("coverage", coverage.coverage, "whether a plan covers a test, why, and what is missing"),
    ("authorise", authorise.authorise, "ask a payer before a test, follow the answer, appeal"),
    ("specimen", order.specimen, "where a specimen is, and what happened to it"),
    ("quarantine", order.quarantine, "messages whose person is not sure"),
    ("pathway", pathway.pathway, "care pathways: where people stand, whose move it is"),
    ("nicu", nicu.nicu, "what a rapid-genome programme for newborns came to"),
    ("worklist", worklist.worklist, "who is stuck, how long, whose move it is"),
    ("funnel", funnel.funnel, "how many got past each step of a care pathway, and why not"),
    ("budget", budget.budget, "what a test does to a budget, whether it is worth it, how sure that is"),
    ("measures", measures.measures, "process, outcome and balancing measures, from events alone"),
    ("equity", equity.equity, "who gets less than everybody else, and where"),
    ("cost", cost.cost, "what a test may cost the person, what became of its bill"),
    ("dossier", dossier.dossier, "the evidence for a test, and whether it is ready for a decision"),
    ("study", study.study, "a registered protocol, estimated or refused, with its bundle"),
    ("match", match.match, "which therapies a tumour's findings speak for or against"),
    ("board", board.board, "the tumour board: a person's packet, the cases before it"),
    ("phenotype", phenotype.phenotype, "which features a note names, and whether they are there"),
    ("rank", rank.rank, "which diseases or genes fit what was found in a person"),
    ("undiagnosed", undiagnosed.undiagnosed, "whose chart looks like a disease that nobody has named"),
    ("unsolved", unsolved.unsolved, "people nobody has diagnosed: what changed since the last look"),
    ("econsult", econsult.econsult, "ask another site about a person, and answer one"),
    ("site", site.site, "the other sites: what waits for them, and what came"),
    ("import", importing.importing, "people's FHIR records from another house"),
    ("export", export.export, "a person's data out: FHIR, VCF, phenopacket"),
    ("deidentified", deidentified.deidentified, "data for research without who it is about"),
    ("conformance", conformance.conformance, "what Bedside was checked against, case by case"),
    ("demo", serving.demo, "a made-up health system, served on this machine"),
    ("serve", serving.serve, "serve the pages and CDS Hooks over a store"),
    ("laboratories", laboratories.laboratories, "how long, how often taken back, how much coded"),
    ("launch", laboratories.launch, "what a launch still lacks; how far people come by clinic"),
    ("alerts", alerts.alerts, "what alerts did; make a rule quieter, with approval"),
    ("programme", programme.programme, "who owns what, what was decided, how far it is; the board's report"),
    ("playbook", playbook.playbook, "install, upgrade or remove content as one thing"),
    ("knowledge", knowledge.knowledge, "list, check and compare knowledge releases"),
    ("reinterpret", knowledge.reinterpret, "give every stored observation its meaning under a release"),
    ("withdraw", record.withdraw, "take a wrong result out of force, with the reason"),
    ("backup", backup.backup, "a copy of the whole house while it is in use, verified, sealed if wanted"),
    ("restore", backup.restore, "put a backup where nothing is"),
    (
        "downtime",
        downtime.downtime,
        "a dated copy for the wards while the server is down",
    ),
    ("retention", retention.retention, "what lies beside the record longer than the policy allows"),
    ("security", security.security, "what is tested of a security standard, and what is not"),
    ("keys", keys.keys, "the keys of this house: make, list, rotate"),
    ("audit", audit.audit, "check that the whole record is as it was written"),
)
"""Every command in the order of the help: its name, what adds its options, and what it is for."""


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
    for name, add, told in COMMANDS:
        add(commands.add_parser(name, help=told))
    return top
