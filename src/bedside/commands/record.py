"""`bedside accept`, `show`, `withdraw`: the lifelong record."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bedside.commands.opening import (
    add_files,
    add_store,
    build_of,
    name_text,
    opened,
    policy_of,
    settings_of,
    tell_notices,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedside.genome.person import Person
    from bedside.service.accept_genome import GenomeRequest
    from bedside.service.house import House
    from bedside.service.receive_report import ReadPdf
    from bedside.service.receive_result import Kept

WAITS = 3
"""The exit status of `accept` when a result is kept in quarantine."""


def accept(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside accept`."""
    add_files(
        parser,
        "VCF (plain or gzipped), BCF, gVCF, a table of calls, HL7 v2, FHIR JSON, PDF, a laboratory's JSON",
    )
    parser.add_argument(
        "--person",
        type=name_text,
        metavar="ID",
        help="whose file it is; else each sample is a person of that name",
    )
    parser.add_argument(
        "--sex", choices=("female", "male", "other"), help="of --person, where the record does not say yet"
    )
    parser.add_argument("--born", type=_day, metavar="DATE", help="birth date of --person, likewise")
    parser.add_argument("--laboratory", default="", help="who made the file")
    parser.add_argument(
        "--assay",
        choices=("exome", "genome", "panel"),
        help="keep the whole genotypes too, to be asked again",
    )
    parser.add_argument(
        "--covered", type=Path, metavar="BED", help="where the laboratory looked and would report a variant"
    )
    parser.add_argument("--chain", type=Path, metavar="FILE", help="chain file to GRCh38, for a GRCh37 file")
    parser.add_argument(
        "--reference", type=Path, metavar="FASTA", help="the file's assembly, to left-align and check against"
    )
    parser.add_argument(
        "--tumour",
        nargs="?",
        const="",
        metavar="ONCOTREE",
        help="the file is of tumour samples of --person (JSON or MAF); their type where the file has none",
    )
    parser.add_argument(
        "--looked-at",
        choices=("not-said", "exome"),
        default="not-said",
        help="what a MAF of --tumour looked at: small variants of every gene, or nobody said (default)",
    )
    parser.add_argument(
        "--confirmation",
        choices=("clinical", "research"),
        default="clinical",
        help="research results reach the chart only once a clinical laboratory confirmed them",
    )
    add_store(parser)
    parser.set_defaults(run=run_accept)


def show(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside show`."""
    parser.add_argument("person", metavar="PERSON")
    parser.add_argument(
        "--as-of", metavar="DATE", help="what was known at the end of that day (YYYY-MM-DD, UTC)"
    )
    parser.add_argument("--format", choices=("text", "json", "fhir"), default="text")
    add_store(parser)
    parser.set_defaults(run=run_show)


def withdraw(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside withdraw`."""
    parser.add_argument("result", metavar="RESULT", help="as `bedside accept` printed it (r-…)")
    parser.add_argument("--reason", required=True, help="why; it stays in the record")
    add_store(parser)
    parser.set_defaults(run=run_withdraw)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date such as 1984-02-26") from None


def _told(house: House, arguments: argparse.Namespace) -> Person | None:
    """The person with the sex and birth date the command names, None where it names neither. What the record
    says otherwise is an error."""
    from bedside.errors import InputError, Problem
    from bedside.genome.person import Person, Sex

    if arguments.sex is None and arguments.born is None:
        return None
    if arguments.person is None:
        raise InputError.one(
            "--sex, --born", "say something of one person", remedy="name the person with --person"
        )
    held = house.ledger.person(arguments.person) or Person(arguments.person)
    sex = held.sex if arguments.sex is None else Sex(arguments.sex)
    born = arguments.born or held.birth_date
    remedy = "nothing was stored; correct one"
    problems = []
    if held.sex not in (Sex.UNKNOWN, sex):
        problems.append(Problem("--sex", "the record says otherwise of this person", remedy=remedy))
    if held.birth_date not in (None, born):
        problems.append(Problem("--born", "the record says otherwise of this person", remedy=remedy))
    if born is not None and born > house.clock().date():
        problems.append(Problem("--born", "lies in the future", remedy="correct the date"))
    if problems:
        raise InputError(problems)
    return replace(held, sex=sex, birth_date=born)


def _genome_request(arguments: argparse.Namespace) -> GenomeRequest | None:
    if arguments.assay is None:
        return None
    from bedside.genome.evidence import AssayKind
    from bedside.genome.person import Sex
    from bedside.service.accept_genome import GenomeRequest

    chain = arguments.chain or settings_of(arguments).chain_file
    sex = None if arguments.sex is None else Sex(arguments.sex)
    return GenomeRequest(AssayKind(arguments.assay), arguments.covered, chain, arguments.reference, sex)


def run_accept(arguments: argparse.Namespace) -> int:
    """`bedside accept`."""
    from bedside.errors import InputError
    from bedside.genome.result import Confirmation
    from bedside.intake.content_kind import ContentKind
    from bedside.service.accept_result import accept_files, kind_of
    from bedside.service.receive_document import READERS, read_files
    from bedside.service.receive_report import read_reports
    from bedside.service.register_person import register_person

    if arguments.tumour is not None:
        return _accept_tumours(arguments)
    given = [name for name in ("covered", "chain", "reference") if getattr(arguments, name) is not None]
    if given and arguments.assay is None:
        raise InputError.one(
            ", ".join(f"--{name}" for name in given),
            "belongs to a whole genome",
            remedy="say --assay exome, genome or panel",
        )
    kinds = {path: kind_of(path) for path in arguments.files}
    documents = {path: kind for path, kind in kinds.items() if kind in READERS}
    pdfs = [path for path, kind in kinds.items() if kind is ContentKind.PDF]
    _check_documents(arguments, [path.name for path in (*documents, *pdfs)])
    house = opened(settings_of(arguments))
    try:
        told = _told(house, arguments)
        read = read_files(house, documents)
        reports = read_reports(pdfs)
        files = [path for path in arguments.files if path not in documents and path not in pdfs]
        accepted = (
            ()
            if not files and (documents or pdfs) and arguments.outside is None
            else accept_files(
                house,
                files,
                arguments.person,
                outside=arguments.outside,
                build=build_of(arguments),
                policy=policy_of(arguments),
                laboratory=arguments.laboratory,
                confirmation=Confirmation(arguments.confirmation),
                genome=_genome_request(arguments),
            )
        )
        if told is not None:
            register_person(house, told)
        waits = _take(house, read)
        waits = _draft(house, reports) or waits
    finally:
        house.close()
    for one in accepted:
        print("\t".join((one.person, one.sample, one.result, "stored" if one.new else "already stored")))
        for run, records in one.runs:
            print("\t".join((one.person, one.sample, run, f"genome of {records} records")))
    tell_notices(accepted[0].notices if accepted else ())
    return WAITS if waits else 0


def _accept_tumours(arguments: argparse.Namespace) -> int:
    """Tumour samples of one person; what belongs to other files is refused."""
    from bedside.errors import InputError
    from bedside.genome.tumour import NOTHING_SAID
    from bedside.service.match_tumours import EXOME
    from bedside.service.register_person import register_person
    from bedside.service.tumours_held import accept_tumours

    other = ("outside", "assay", "covered", "chain", "reference", "build")
    said = [f"--{name}" for name in other if getattr(arguments, name) is not None]
    said += ["--confirmation"] * (arguments.confirmation != "clinical")
    if arguments.person is None or said:
        raise InputError.one(
            ", ".join(said) or "--person",
            "does not go with --tumour" if said else "is needed with --tumour",
            remedy="say whose tumour it is, and nothing of genomes",
        )
    scope = EXOME if arguments.looked_at == "exome" else NOTHING_SAID
    house = opened(settings_of(arguments))
    try:
        told = _told(house, arguments)
        if told is not None:
            register_person(house, told)
        for path in arguments.files:
            for one in accept_tumours(
                house, arguments.person, path, arguments.tumour, scope, laboratory=arguments.laboratory
            ):
                version = f"version {one.version}"
                new = "stored" if one.new else "already stored"
                print("\t".join((arguments.person, one.sample, version, new)))
    finally:
        house.close()
    return 0


def _check_documents(arguments: argparse.Namespace, names: Sequence[str]) -> None:
    """A document says itself whose it is and who made it; an option that says so too is refused."""
    from bedside.errors import InputError, Problem

    said = [f"--{name}" for name in ("person", "laboratory") if getattr(arguments, name)]
    said += ["--confirmation"] * (arguments.confirmation != "clinical")
    if names and said:
        remedy = f"leave {', '.join(said)} out; `bedside quarantine` gives what matches nobody"
        raise InputError(
            Problem(name, "says itself whose it is and who made it", None, remedy) for name in names
        )


def _take(house: House, read: Sequence[tuple[str, Kept]]) -> bool:
    """Take documents that were read, and tell what became of each result; whether any waits in quarantine."""
    from bedside.service.owed_drafts import make_owed
    from bedside.service.receive_result import Fate, receive_kept

    waits = False
    for source, kept in read:
        one = receive_kept(house, kept)
        if one.fate is Fate.ACCEPTED:
            print(
                "\t".join((one.person, one.control_id, one.result, "stored" if one.new else "already stored"))
            )
            continue
        waits = True
        print("\t".join(("-", one.control_id, one.number[:16], "quarantined")), flush=True)
        for reason in one.reasons:
            print(f"bedside: {source}: waits in quarantine: {reason}", file=sys.stderr)
    if any(kept.attached for _, kept in read):
        make_owed(house)
    return waits


def _draft(house: House, reports: Sequence[ReadPdf]) -> bool:
    """Keep reports that were opened as drafts, and tell where each is confirmed; whether any waits."""
    from bedside.genome.draft import DraftState
    from bedside.service.drafts import open_draft
    from bedside.service.receive_report import keep_report

    waits = False
    for report in reports:
        one = keep_report(house, report)
        held = open_draft(house, one.draft)
        waits = waits or held.state is DraftState.WAITING
        said = "waits to be confirmed" if held.state is DraftState.WAITING else f"already {held.state.value}"
        print(
            "\t".join((held.person or "-", one.draft, held.result or f"/reports/{one.draft}", said)),
            flush=True,
        )
        for notice in (*(held.reasons if waits else ()), *held.notices):
            print(f"bedside: {report.name}: {notice}", file=sys.stderr)
    return waits


def run_show(arguments: argparse.Namespace) -> int:
    """`bedside show`."""
    from bedside.service.show_person import as_of, show
    from bedside.service.write_person import rendered

    house = opened(settings_of(arguments), must_exist=True)
    try:
        view = show(house, arguments.person, as_of(arguments.as_of))
        sys.stdout.write(rendered(house, view, arguments.format))
    finally:
        house.close()
    return 0


def run_withdraw(arguments: argparse.Namespace) -> int:
    """`bedside withdraw`."""
    from bedside.service.withdraw_result import withdraw_result

    house = opened(settings_of(arguments), must_exist=True)
    try:
        withdraw_result(house, arguments.result, arguments.reason, actor="operator")
        print(f"{arguments.result}\twithdrawn")
    finally:
        house.close()
    return 0
