"""How much of a report is read right: fields found, and of the values given those that are right, by layout.

    python benchmarks/pdf_reports.py [--reports 20] [--scans 2]

Two sorts of layout: those of the tests, by which the generic pack was made, and those of this file, printed
by Chromium, which were written before they were first read. docs/pdf-reports.md has the figures of that first
reading, and those after what it showed was mended.
"""

from __future__ import annotations

import argparse
import html
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import sync_playwright

from bedside.genome.draft import FieldKind, Level
from bedside.intake.pdf.fields import read_report
from bedside.intake.pdf.open import open_pdf
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.gene_regions import load_gene_regions
from bedside.knowledge.report_layouts import load_layouts
from tests.made_up_reports import LAYOUTS, Says, day, expected, picture, report

CALLS = (
    ("CYP2C19", "*1/*2", "Intermediate Metabolizer"),
    ("CYP2C19", "*2/*17", "Intermediate Metabolizer"),
    ("CYP2D6", "*4/*41", "Intermediate Metabolizer"),
    ("CYP2D6", "*1/*2xN", "Ultrarapid Metabolizer"),
    ("CYP2C9", "*1/*3", "Intermediate Metabolizer"),
    ("TPMT", "*1/*3A", "Intermediate Metabolizer"),
    ("NUDT15", "*1/*1", "Normal Metabolizer"),
    ("SLCO1B1", "*1/*15", "Decreased Function"),
    ("CYP3A5", "*3/*3", "Poor Metabolizer"),
    ("UGT1A1", "*28/*28", "Poor Metabolizer"),
)
VARIANTS = (
    ("BRCA2", "c.5946del", "p.Ser1982fs", "heterozygous", "Pathogenic"),
    ("MLH1", "c.350C>T", "p.Thr117Met", "heterozygous", "Likely pathogenic"),
    ("LDLR", "c.1775G>A", "p.Gly592Glu", "heterozygous", "Pathogenic"),
    ("MYH7", "c.1988G>A", "p.Arg663His", "heterozygous", "Uncertain significance"),
)
NAMES = ("Osei", "Lindqvist", "O'Brien", "Müller", "Garcia-Lopez", "Tanaka", "Novak", "Haddad")
GIVEN = ("Ada", "Ingrid", "Tomas", "Zoë", "Amara", "Kenji", "Marie", "Samir")
STYLE = "body{font:11pt 'Liberation Serif',serif;margin:12mm} table{border-collapse:collapse;width:100%}"


def made_up(chance: random.Random) -> Says:
    """Values of one report."""
    genes = {call[0]: call for call in chance.sample(CALLS, len(CALLS))}
    calls = tuple(list(genes.values())[: chance.randint(1, 6)])
    return Says(
        family=chance.choice(NAMES),
        given=chance.choice(GIVEN),
        born=f"{chance.randint(1930, 2015)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        number=f"{chance.choice('ABKM')}{chance.randint(10_000, 9_999_999)}",
        accession=f"{chance.choice(['GX', 'L', '25R'])}-{chance.randint(1000, 99_999)}",
        reported=f"2026-{chance.randint(1, 10):02d}-{chance.randint(1, 28):02d}",
        status=chance.choice(["final", "final", "amended", "preliminary"]),
        calls=calls,
        variants=tuple(chance.sample(VARIANTS, chance.choice([0, 0, 1]))),
        negative=chance.choice(["", "No other pathogenic variant was identified."]),
    )


def _rows(head: tuple[str, ...], rows: Iterator[tuple[str, ...]], style: str = "") -> str:
    cells = "".join(f"<th>{html.escape(one)}</th>" for one in head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(one)}</td>" for one in row) + "</tr>" for row in rows)
    return f"<table {style}><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def boxed(said: Says) -> str:
    """Boxes with borders; the phenotype in a narrow cell; implications beside it."""
    calls = (
        (g, d, p, "See the guideline for the drugs concerned, and ask a pharmacist.")
        for g, d, p in said.calls
    )
    variants = ((g, c, p, z, k) for g, c, p, z, k in said.variants)
    found = (
        _rows(("Gene", "Variant", "Protein", "Zygosity", "Classification"), variants) if said.variants else ""
    )
    return f"""<style>{STYLE} td,th{{border:1px solid #555;padding:4px;text-align:left}} td:nth-child(3){{width:60pt}}
    .who td{{border:0}}</style><h2>Sunrise Diagnostics</h2><table class=who>
    <tr><td>Patient Name:</td><td>{said.family}, {said.given}</td><td>Accession #:</td><td>{said.accession}</td></tr>
    <tr><td>DOB:</td><td>{day(said.born, "us")}</td><td>Report Date:</td><td>{day(said.reported, "us")}</td></tr>
    <tr><td>MRN:</td><td>{said.number}</td><td>Report Status:</td><td>{said.status.title()}</td></tr></table><h3>Results</h3>
    {_rows(("Gene", "Genotype", "Phenotype", "Clinical implication"), iter(calls))}<br>{found}<p>{said.negative}</p>
    <h3>Methodology</h3><p>Made up for a test of reading; nobody was tested with it.</p>"""


def centred(said: Says) -> str:
    """Centred columns without borders, a sans face, a British hospital's words."""
    calls = ((g, d.replace("/", " / "), p.replace("Metabolizer", "metaboliser")) for g, d, p in said.calls)
    found = "".join(f"<p>{g}: {z} {c} {p}. Classification: {k}.</p>" for g, c, p, z, k in said.variants)
    return f"""<style>{STYLE} body{{font-family:'Liberation Sans'}} td,th{{text-align:center;padding:6px}}</style>
    <div style="text-align:right">{said.status.upper()} REPORT</div><h2>Regional Genomics Laboratory Hub</h2>
    <p>Name: {said.given} {said.family}<br>Date of birth: {day(said.born, "long")}<br>Hospital number: {said.number}<br>
    Lab number: {said.accession}<br>Date issued: {day(said.reported, "long")}</p>
    {_rows(("Gene", "Diplotype", "Predicted phenotype"), iter(calls))}{found}<p>{said.negative}</p>
    <h3>Limitations</h3><p>Rare variants are not seen.</p>"""


def definition(said: Says) -> str:
    """A list of terms, one gene after another, as a portal prints it."""
    genes = "".join(
        f"<h4>{g}</h4><dl><dt>Genotype</dt><dd>{d}</dd><dt>Phenotype</dt><dd>{p}</dd></dl>"
        for g, d, p in said.calls
    )
    return f"""<style>{STYLE} dt{{float:left;width:130pt;color:#444}} dd{{margin:0 0 4pt 130pt}}</style><h2>PGx portal</h2>
    <dl><dt>Patient</dt><dd>{said.family}, {said.given}</dd><dt>Birth date</dt><dd>{said.born}</dd><dt>Medical record
    number</dt><dd>{said.number}</dd><dt>Case number</dt><dd>{said.accession}</dd><dt>Status</dt><dd>{said.status}</dd>
    <dt>Reported</dt><dd>{said.reported}</dd></dl>{genes}<p>{said.negative}</p>"""


def letter(said: Says) -> str:
    """A letter to a colleague: everything in sentences, justified, with hyphens."""
    calls = " ".join(
        f"For {g}, the genotype {d} was found, consistent with {p.lower()} status." for g, d, p in said.calls
    )
    found = " ".join(
        f"Sequencing showed {c} ({p}) in {g}, present in the {z} state and considered {k.lower()}."
        for g, c, p, z, k in said.variants
    )
    return f"""<style>{STYLE} p{{text-align:justify;hyphens:auto}}</style><p lang=en>Re: {said.given} {said.family}, born
    {day(said.born, "long")}, record number {said.number}, our reference {said.accession}</p><p>{said.status.title()} report,
    {day(said.reported, "long")}</p><p>Dear colleague,</p><p lang=en>Thank you for sending this sample for pharmacogenetic
    analysis. {calls} {found} {said.negative} Please do not hesitate to call us.</p>"""


def cards(said: Says) -> str:
    """Two columns of cards, a coloured head with white letters."""
    cells = "".join(f"<div class=c><b>{g}</b><br>{d}<br><i>{p}</i></div>" for g, d, p in said.calls)
    found = "".join(f"<p><b>{g}</b> {c} {p}, {z}, {k}</p>" for g, c, p, z, k in said.variants)
    return f"""<style>{STYLE} .h{{background:#234;color:#fff;padding:8px;-webkit-print-color-adjust:exact}}
    .g{{columns:2}} .c{{border:1px solid #999;padding:6px;margin:4px;break-inside:avoid}}</style><div class=h>
    Patient: {said.family}, {said.given} &nbsp; DOB: {said.born} &nbsp; Patient ID: {said.number}<br>Report ID: {said.accession}
    &nbsp; Reported: {said.reported} &nbsp; Status: {said.status}</div><div class=g>{cells}</div>{found}<p>{said.negative}</p>"""


NEW: dict[str, Callable[[Says], str]] = {
    "boxed": boxed,
    "centred": centred,
    "definition list": definition,
    "letter": letter,
    "cards": cards,
}


@dataclass
class Counted:
    """What was read of the reports of a layout."""

    wanted: int = 0
    right: int = 0
    given: int = 0
    sure_and_wrong: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, other: Counted) -> None:
        """Both together."""
        self.wanted += other.wanted
        self.right += other.right
        self.given += other.given
        self.sure_and_wrong += other.sure_and_wrong
        self.seconds += other.seconds

    def line(self, name: str) -> str:
        """As a row of a table."""
        recall = self.right / max(self.wanted, 1)
        precision = self.right / max(self.given, 1)
        middle = sorted(self.seconds)[len(self.seconds) // 2]
        return (
            f"| {name} | {len(self.seconds)} | {self.wanted} | {recall:.1%} | {precision:.1%} | "
            f"{self.sure_and_wrong} | {middle:.2f} s |"
        )


COUNTED = frozenset(kind for kind in FieldKind) - {
    FieldKind.SEX,
    FieldKind.LABORATORY,
    FieldKind.TEST,
    FieldKind.COLLECTED,
    FieldKind.RECEIVED,
    FieldKind.METHODS,
    FieldKind.LIMITS,
    FieldKind.NEGATIVE,
    FieldKind.ORDER,
}


def count(content: bytes, said: Says, known: frozenset[str]) -> Counted:
    """Read one report and compare it, rows by their gene or change rather than by their order."""
    began = time.perf_counter()
    read = read_report(open_pdf(content, "report.pdf").pages, load_layouts(), known)
    seconds = time.perf_counter() - began
    heads = {
        (one.kind in (FieldKind.GENE, FieldKind.GENOTYPE, FieldKind.PHENOTYPE), one.row): one.value
        for one in read.fields
        if one.kind in (FieldKind.GENE, FieldKind.VARIANT)
    }
    wanted = dict(_named(expected(said)))
    got = {}
    for one in read.fields:
        if one.kind in COUNTED and one.value:
            call = one.kind in (FieldKind.GENE, FieldKind.GENOTYPE, FieldKind.PHENOTYPE)
            name = f"{one.kind.value} of {heads.get((call, one.row), '?')}" if one.row else one.kind.value
            got[name] = one
    right = sum(name in got and got[name].value == value for name, value in wanted.items())
    sure = sum(one.level is Level.HIGH and wanted.get(name) != one.value for name, one in got.items())
    return Counted(len(wanted), right, len(got), sure, [seconds])


def _named(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in fields.items():
        kind, _, row = key.rpartition("-")
        if not row.isdigit():
            yield key, value
            continue
        head = "gene" if kind in ("gene", "genotype", "phenotype") else "variant"
        yield f"{kind} of {fields[f'{head}-{row}']}", value


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=20, help="of each layout")
    parser.add_argument("--scans", type=int, default=2, help="of them as pictures, read by Tesseract")
    given = parser.parse_args()
    known = frozenset(load_gene_regions().regions) | frozenset(load_pgx().genes)
    print(
        "| layout | reports | fields | recall | precision | sure and wrong | time, median |\n|---|---|---|---|---|---|---|"
    )
    with sync_playwright() as playwright, tempfile.TemporaryDirectory():
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()

        def printed(make: Callable[[Says], str]) -> Callable[[Says], bytes]:
            def pdf(said: Says) -> bytes:
                page.set_content(make(said))
                return page.pdf(format="A4", print_background=True)

            return pdf

        def drawn(name: str) -> Callable[[Says], bytes]:
            return lambda said: report(name, said)

        groups = {
            "known": {name: drawn(name) for name in LAYOUTS},
            "new": {name: printed(make) for name, make in NEW.items()},
        }
        for sort, layouts in groups.items():
            both, scanned = Counted(), Counted()
            for name, make in layouts.items():
                own, chance = Counted(), random.Random(name)
                for number in range(given.reports):
                    said = made_up(chance)
                    content = make(said)
                    own.add(count(content, said, known))
                    if number < given.scans:
                        scanned.add(count(picture(content), said, known))
                print(own.line(f"{sort}: {name}"), flush=True)
                both.add(own)
            print(both.line(f"**{sort}, all**"))
            if given.scans:
                print(scanned.line(f"**{sort}, as pictures**"), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
