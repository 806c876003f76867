"""Builds the pack of therapy statements from the seed table: every row checked against the wording of its source.

python -m tools.build_therapies SHARED_DATA_FOLDER

The label texts of the cross-check file are read here and only here; nothing of them is written. What is written is
whether the gene, the drug, the tumour and the year of a row stand in the wording that it cites.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from bedside.knowledge.statement_lint import (
    MOST_YEARS,
    Statement,
    cited_year,
    faults,
    foreign_documents,
    load_words,
)
from bedside.knowledge.therapies import COLUMNS, NO_CODE
from bedside.knowledge.tumour_rule import genes_of, parse_rule

WORDS = load_words()
HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "bedside" / "knowledge" / "data" / "therapies"
HEADER = """\
# Which therapy is for which tumour: one statement a row, with its source, its date, and whether the wording was checked.
kind = "therapies"
name = "therapies"
title = "Therapies by what a tumour has"
owner = "Bedside maintainers (clinical content)"
licence = "Apache-2.0"
source = "labels of the FDA (and EMA, HC, HSE) by address, and papers by PubMed number, row by row; latest source 2026-02-10"
retrieved = 2026-11-26
review_due = 2027-02-26
review_state = "checked by program against the cited wording; awaiting sign-off by a site's molecular tumour board"
evidence_level = "regulation"
approval = { state = "awaiting", role = "molecular tumour board" }
"""
HER2 = "(amp:ERBB2 | marker:HER2=3+/positive)"
NO_HER2 = "((marker:HER2=negative/0/ultralow/1+ & !amp:ERBB2:reported) | (marker:HER2=2+ & !amp:ERBB2))"
"""A tumour that stains little and is amplified is not negative. Else negative is what the staining says, and of 2+ only without amplification: that no amplification was found in a tumour that
stains 3+ does not make it negative."""
LOW = "((marker:HER2=1+ & !amp:ERBB2:reported) | (marker:HER2=2+ & !amp:ERBB2))"
WHOLE = {
    "any": "true",
    "tnbc": f"marker:hr=negative & {NO_HER2}",
    # Histones are numbered without the first methionine by custom; by place it is codon 28.
    "H3-3A:p.K27M|p.K28M": "H3-3A:p.K28M",
    "ihc:PDL1_TC>=50|IC>=10": "(marker:PDL1_TC>=50 | marker:PDL1_IC>=10)",
    "ihc:PDL1>=1": "marker:PDL1_TPS>=1",
    "ihc:MET>=50%3+": "marker:MET_3PLUS>=50",
    "ihc:FOLR1>=75%2+": "marker:FOLR1_2PLUS>=75",
    "ihc:CLDN18.2>=75%": "marker:CLDN18.2_2PLUS>=75",
    "ihc:HER2=1+|2+": "marker:HER2=1+/2+",
    "ihc:HER2=0+": "marker:HER2=ultralow",
    "msi:H|mmr:deficient": "(marker:msi=high | marker:mmr=deficient)",
    "amp:ERBB2|ihc:HER2=3+": HER2,
    # What is called exon 12 elsewhere is the last of the 11 exons of the MANE transcript.
    "NPM1:p.W288Cfs*12|exon12_fs": "NPM1:exon11:frameshift",
    "KIT:exon11|exon13:activating": "(KIT:exon11:activating | KIT:exon13:activating)",
    # The duplications lie in exons 14 and 15; one elsewhere is another thing.
    "FLT3:ITD": "FLT3:exon14-15:itd",
    "FLT3:ITD|p.D835*|p.I836*": "(FLT3:exon14-15:itd | FLT3:p.D835* | FLT3:p.I836*)",
    # A splice form of the messenger, not a change of the gene: a marker that a laboratory reports.
    "AR:V7": "marker:AR_V7=positive",
}
PARTS = (
    ("inframe_del", "inframe-deletion"), ("inframe_ins", "inframe-insertion"), ("ITD", "itd"),
    ("P/LP(germline|somatic)", "pathogenic"), ("P/LP", "pathogenic"), ("tkd_activating", "tkd:activating"),
    ("lbd_activating", "lbd:activating"), (":lof", ":loss-of-function"),
)  # fmt: skip


BY_STAIN = {
    "hr:positive & !amp:ERBB2": f"marker:hr=positive & {NO_HER2}",
    "PIK3CA:activating & hr:positive & !amp:ERBB2": f"PIK3CA:activating & marker:hr=positive & {NO_HER2}",
    "ihc:CLDN18.2>=75% & !amp:ERBB2": f"marker:CLDN18.2_2PLUS>=75 & {NO_HER2}",
    "ihc:HER2=1+|2+ & !amp:ERBB2": LOW,
}
"""Rules of the seed that ask for no amplification where the label says HER2-negative or HER2-low."""
ASKED = (
    (re.compile(r"HER2\)?-negative"), "HER2", NO_HER2),
    (re.compile(r"\(HR\)-positive, human"), "marker:hr", "marker:hr=positive"),
)
"""What a label asks of the tumour, and what a rule has that says so; a rule without it gets it."""


def rule_of(text: str, indication: str = "") -> str:
    """The seed's rule in the language of `tumour_rule`, with what the label asks besides."""
    rule = BY_STAIN.get(text) or " & ".join(_term(part.strip()) for part in text.split(" & "))
    for words, held, more in ASKED:
        if words.search(indication) and held not in rule:
            rule = f"{rule} & {more}"
    return rule


def _term(text: str) -> str:
    if text in WHOLE:
        return WHOLE[text]
    if text.startswith("!"):
        inner = text[1:]
        if inner.startswith(("amp:", "fusion:")):
            return f"!{inner}"
        return f"!{inner}:any"
    for old, new in PARTS:
        text = text.replace(old, new)
    if text.startswith("ihc:"):
        return "marker:" + text[4:]
    if text.startswith("tmb"):
        return "marker:" + text
    if text.startswith(("mmr:", "hrd:", "hr:", "msi:", "hla:")):
        name, _, value = text.partition(":")
        return f"marker:{name}={value}"
    if "|" in text:
        gene, _, rest = text.partition(":")
        return "(" + " | ".join(f"{gene}:{one}" for one in rest.split("|")) + ")"
    return text


def sources(shared: Path) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, list[str]]]:
    """The label statements by number, and the CIViC statements by PubMed number."""
    with gzip.open(
        shared / "onc" / "moalmanac_statements_crosscheck_only.tsv.gz", "rt", encoding="utf-8"
    ) as file:
        labels = {f"{row['agency']}:{row['sid']}": row for row in csv.DictReader(file, delimiter="\t")}
    civic: dict[str, list[str]] = {}
    path = shared / "onc" / "civic" / "2021-nightly-ClinicalEvidenceSummaries.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["evidence_status"] == "accepted":
                words = " ".join(
                    row[key]
                    for key in ("gene", "variant", "disease", "drugs", "evidence_statement", "citation")
                )
                civic.setdefault(row["citation_id"], []).append(words)
    return labels, civic


def statement(number: int, row: Mapping[str, str], text: str, title: str, year: str) -> Statement:
    """A row as a statement to be checked against a wording."""
    genes = genes_of(parse_rule(rule_of(row["match_rule"]))) or frozenset(
        filter(None, row["gene"].split("+"))
    )
    url = row["source_url"] if year else ""
    drugs = tuple(row["drug"].replace("/", " + ").split(" + "))
    return Statement(f"T{number:03d}", tuple(sorted(genes)), row["oncotree"], drugs, year, url, text, title)


def checked(
    number: int,
    row: Mapping[str, str],
    labels: Mapping[str, Mapping[str, str]],
    civic: Mapping[str, list[str]],
) -> Iterator[str]:
    """Everything in which a row is not what its cited wording says; of a row without wording, that."""
    label = labels.get(row["moalmanac_match"]) if row["moalmanac_match"] else None
    found = []
    if label is not None:
        if row["source_url"] and label["url"] != row["source_url"]:
            yield "cites another document than the wording that was read"
        year = row["fda_date"][:4]
        found.append(tuple(faults(statement(number, row, label["indication"], label["doc"], year), WORDS)))
    for pubmed in filter(None, re.split(r"[|;, ]+", row["pmid"])):
        found += [
            tuple(faults(statement(number, row, text, "", ""), WORDS)) for text in civic.get(pubmed, [])
        ]
    if not found:
        yield "no wording of its source was at hand"
        return
    yield from min(found, key=len)


def main(shared: Path) -> None:
    """Builds the pack."""
    labels, civic = sources(shared)
    lines, count = [], Counter[str]()
    with (shared / "onc" / "therapies_seed.tsv").open(encoding="utf-8") as file:
        rows = list(enumerate(csv.DictReader(file, delimiter="\t"), 1))
    documents = [statement(number, row, "", "", row["fda_date"][:4] or "0") for number, row in rows]
    cited = [
        Statement(sid, (), "", tuple(row["therapies"].split(" + ")), "", row["url"], "")
        for sid, row in labels.items()
    ]
    elsewhere = foreign_documents([*documents, *cited])
    for number, row in rows:
        indication = labels.get(row["moalmanac_match"], {}).get("indication", "")
        rule = rule_of(row["match_rule"], indication)
        wrong = list(checked(number, row, labels, civic))
        if f"T{number:03d}" in elsewhere:
            wrong.append(elsewhere[f"T{number:03d}"])
        url = row["source_url"] or labels.get(row["moalmanac_match"], {}).get("url", "")
        if not url and not row["pmid"]:
            wrong.append("names no address of its source")
        state = "wording" if not wrong else "unchecked"
        since, notes = row["fda_date"], [row["note"]] if row["note"] else []
        year = cited_year(url)
        if not wrong and since and year is not None and abs(year - int(since[:4])) > MOST_YEARS:
            notes.append(f"the date {since} is left out: the label cited is of {year}")
            since = ""
        if not row["drug_rxcui"]:
            notes.append(NO_CODE)
        count[state] += 1
        if wrong:
            print(number, row["gene"], row["oncotree"], row["drug"], row["fda_date"], "|", "; ".join(wrong))
        made = {
                "id": f"T{number:03d}", "gene": row["gene"], "alteration": row["alteration"], "rule": rule,
                "oncotree": row["oncotree"], "drug": row["drug"], "rxcui": row["drug_rxcui"],
                "direction": row["direction"], "setting": row["setting"], "status": status_of(row),
                "date": since, "level": row["evidence_level"],
                "url": url,
                "pmid": row["pmid"], "checked": state, "why_unchecked": "; ".join(wrong), "note": "; ".join(notes),
            }  # fmt: skip
        lines.append("\t".join(made[name] for name in COLUMNS))
    TARGET.mkdir(parents=True, exist_ok=True)
    barred = [
        f'T{number:03d} = ["COADREAD"]'
        for number, row in rows
        if row["oncotree"] == "ANY_SOLID" and row["drug"] == "Dabrafenib + Trametinib"
    ]
    excluded = (
        "\n# Tumours that the label of a statement leaves out.\n[excluded]\n" + "\n".join(barred) + "\n"
    )
    (TARGET / "therapies.toml").write_text(HEADER + excluded, encoding="utf-8")
    (TARGET / "therapies.tsv").write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    print(count)


def status_of(row: Mapping[str, str]) -> str:
    """The regulatory status as a word of the closed list."""
    text = row["regulatory_status"]
    return {
        "FDA approved": "approved",
        "FDA accelerated approval": "accelerated",
        "FDA indication withdrawn": "withdrawn",
        "off-label, guideline-supported": "off-label",
        "research": "research",
    }.get(text, "resistance")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
