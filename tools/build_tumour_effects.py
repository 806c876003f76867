"""Builds the list of protein changes that activate a gene, from accepted CIViC evidence (CC0).

python -m tools.build_tumour_effects SHARED_DATA_FOLDER

Evidence counts when it is accepted, supports, and is not about germline variants. A substitution is listed

* when predictive evidence of level A or B links it to sensitivity to a drug, or functional evidence says gain of function;
* in genes of which a statement asks whether they are activated, also when two items of predictive evidence of any level are about
  it and one of them says sensitivity.

In those genes the in-frame deletions or insertions of an exon are listed when two items of level A or B say sensitivity of the exon,
or when items of sensitivity are about two such changes in it. Changes and codons of KRAS are listed when two items of level A or B
say that antibodies against EGFR, which stands above it, fail.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bedside.genome.locus import Build
from bedside.knowledge.therapies import load_therapies
from bedside.knowledge.tumour_effects import COLUMNS
from bedside.knowledge.tumour_genes import TumourGene, load_tumour_genes

TARGET = Path(__file__).resolve().parent.parent / "src" / "bedside" / "knowledge" / "data" / "tumour_effects"
HEADER = """\
# Protein changes known to activate their gene, one a row, and the stretches of proteins that rules name.
# What is not listed is not known: it is undetermined, never inactive.
kind = "tumour_effects"
name = "effects"
title = "Activating changes of tumour genes"
owner = "Bedside maintainers (clinical content)"
licence = "CC0-1.0"
source = "CIViC, nightly of February 2021 (CC0), accepted evidence; domains: UniProt P04626 and P03372 (CC BY 4.0)"
retrieved = 2026-11-26
review_due = 2027-02-26
review_state = "facts carried over by program; awaiting sign-off by a site's molecular tumour board"
evidence_level = "review"
approval = { state = "awaiting", role = "molecular tumour board" }

# Codons of named stretches, both ends included.
[domains]
"ERBB2:tkd" = [720, 987]
"ESR1:lbd" = [311, 547]

# From where a call is shown with a warning; nothing is decided by it. A house rule, not a fact from a source.
[reading]
low_fraction = 0.05
low_depth = 50
"""
RENUMBERED = {"H3-3A": 1}
"""Genes that CIViC numbers without the first methionine, as is the custom for histones."""
_CHANGE = re.compile(r"([A-Z])([0-9]+)([A-Z])")


def asked() -> set[str]:
    """The genes of which a statement asks whether they are activated."""
    return {
        one
        for row in load_therapies().rows
        if ":activating" in row.written
        for one in re.findall(r"([A-Z0-9]+):(?:[a-z0-9]+:)?activating", row.written)
    }


def exon_of(gene: TumourGene, codon: int) -> int | None:
    """The exon a codon lies in."""
    placed = gene.on[Build.GRCH38]
    for number in range(1, len(placed.exons) + 1):
        coding = placed.coding(number)
        codons = None if coding is None else placed.codons_over(*coding)
        if codons is not None and codons[0] <= codon <= codons[1]:
            return number
    return None


def named(gene: str, variant: str) -> str:
    """A substitution as it is numbered in our transcript; other text as it stands."""
    change = _CHANGE.fullmatch(variant)
    if change is None or gene not in RENUMBERED:
        return variant
    return f"{change[1]}{int(change[2]) + RENUMBERED[gene]}{change[3]}"


def classes(gene: TumourGene, rows: list[Mapping[str, str]]) -> dict[str, set[int]]:
    """In-frame changes of a whole exon: evidence about the exon of level A or B, two items of it; or items of
    sensitivity about two in-frame changes in it."""
    found: dict[str, set[int]] = {}
    single: dict[str, dict[str, set[int]]] = {}
    for row in rows:
        if row["clinical_significance"] != "Sensitivity/Response" or row["evidence_type"] != "Predictive":
            continue
        text, number = row["variant"].upper(), int(row["evidence_id"])
        whole = re.fullmatch(r"EXON ([0-9]+) (MUTATION|DELETION|INSERTION)", text)
        if whole is not None and row["evidence_level"] in ("A", "B"):
            for kind in ("deletion", "insertion"):
                if whole[2] in ("MUTATION", kind.upper()):
                    found.setdefault(f"exon{whole[1]}:inframe-{kind}", set()).add(number)
            continue
        codon = re.match(r"[A-Z]([0-9]+)(?:_[A-Z][0-9]+)?(DEL(?!INS)|DUP|INS)", text)
        if codon is not None and (exon := exon_of(gene, int(codon[1]))) is not None:
            kind = "deletion" if codon[2] == "DEL" else "insertion"
            single.setdefault(f"exon{exon}:inframe-{kind}", {}).setdefault(text, set()).add(number)
    found = {key: ids for key, ids in found.items() if len(ids) > 1}
    for key, changes in single.items():
        if len(changes) > 1:
            found[key] = found.get(key, set()).union(*changes.values())
    return found


def codons(rows: list[Mapping[str, str]]) -> Iterator[tuple[str, int]]:
    """Codons that evidence names whole (`G12/G13`), with the evidence: any other amino acid there activates."""
    for row in rows:
        if against_upstream(row) and re.fullmatch(r"[A-Z][0-9]+(/[A-Z][0-9]+)*", row["variant"]):
            for codon in row["variant"].split("/"):
                yield f"{codon}*", int(row["evidence_id"])


def against_upstream(row: Mapping[str, str]) -> bool:
    """Whether evidence of level A or B says that antibodies against EGFR fail: what is activated below it keeps
    the signal on."""
    said = row["evidence_type"], row["clinical_significance"]
    strong = said == ("Predictive", "Resistance") and row["evidence_level"] in ("A", "B")
    return strong and any(drug in row["drugs"] for drug in ("Cetuximab", "Panitumumab"))


def main(shared: Path) -> None:
    """Builds the pack."""
    rows: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    path = shared / "onc" / "civic" / "2021-nightly-ClinicalEvidenceSummaries.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            supports = row["evidence_status"] == "accepted" and row["evidence_direction"] == "Supports"
            if supports and "Germline" not in row["variant_origin"]:
                rows.setdefault((row["gene"], row["variant"]), []).append(row)
    wanted, found = asked(), dict[tuple[str, str], str]()
    for (gene, variant), several in rows.items():
        if _CHANGE.fullmatch(variant):
            ids = counted(several, asked_for=gene in wanted)
            if ids:
                found[(gene, named(gene, variant))] = ";".join(f"EID{one}" for one in sorted(ids))
    genes = load_tumour_genes().by_name
    for gene in wanted:
        here = [one for (name, _), several in rows.items() if name == gene for one in several]
        for key, ids in classes(genes[gene], here).items():
            found[(gene, key)] = ";".join(f"EID{one}" for one in sorted(ids))
        whole: dict[str, set[int]] = {}
        for change, number in codons(here) if gene == "KRAS" else ():
            whole.setdefault(change, set()).add(number)
        for change, ids in whole.items():
            if len(ids) > 1:
                found[(gene, change)] = ";".join(f"EID{one}" for one in sorted(ids))
    TARGET.mkdir(parents=True, exist_ok=True)
    lines = [f"{gene}\t{change}\tactivating\t{source}" for (gene, change), source in sorted(found.items())]
    (TARGET / "effects.toml").write_text(HEADER, encoding="utf-8")
    (TARGET / "effects.tsv").write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    print(f"{len(lines)} rows")


def counted(rows: list[Mapping[str, str]], *, asked_for: bool) -> set[int]:
    """The evidence for which a substitution is listed; none where it is not enough."""
    predictive = [one for one in rows if one["evidence_type"] == "Predictive"]
    sensitive = [one for one in predictive if one["clinical_significance"] == "Sensitivity/Response"]
    strong = [one for one in sensitive if one["evidence_level"] in ("A", "B")]
    strong += [
        one
        for one in rows
        if one["evidence_type"] == "Functional" and "Gain of Function" in one["clinical_significance"]
    ]
    several = predictive if asked_for and sensitive and len(predictive) > 1 else []
    upstream = [one for one in predictive if one["gene"] == "KRAS" and against_upstream(one)]
    several = several or (upstream if len(upstream) > 1 else [])
    return {int(one["evidence_id"]) for one in (*strong, *several)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
