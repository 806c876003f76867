"""Made-up charts, diseases and maps: small enough to be worked out densely beside the sparse code."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from bedside.learn.phenotype_risk import Charts, Shape, ones

ICD = """icd,flag,icd_name,phecode,phecode_name
A10,10,fits,1,Fits
A10.1,10,fits of one kind,1,Fits
B20,10,short stature,2,Short stature
C30,10,hearing loss,3,Hearing loss
D40,10,kidney failure,4,Kidney failure
E50,10,named disease,5,Named disease
E50.1,10,named disease of a kind,5,Named disease
F60,10,a cold,6,A cold
"""
HPO = "hpo_term_id\thpo_term_name\tphecode\tphecode_name\n" + "".join(
    f"HP:000000{at}\tterm {at}\t{at}\tphecode {at}\n" for at in range(1, 7)
)
MONDO = """# a comment
subject_id\tsubject_label\tpredicate_id\tobject_id\tobject_label\tmapping_justification
MONDO:1\tone\tskos:exactMatch\tOMIM:1\tone\tm
MONDO:1\tone\tskos:exactMatch\tICD10CM:E50\tone\tm
MONDO:1\tone\tskos:exactMatch\tSCTID:777\tone\tm
MONDO:2\ttwo\tskos:closeMatch\tOMIM:2\ttwo\tm
"""
OBO = (
    "format-version: 1.2\ndata-version: hp/releases/2026-01-01\n\n[Term]\nid: HP:0000118\nname: root\n"
    + "".join(
        f"\n[Term]\nid: HP:000000{at}\nname: term {at}\nis_a: HP:0000118\nxref: SNOMEDCT_US:10{at}\n"
        for at in range(1, 7)
    )
)


def write_maps(folder: Path) -> Path:
    """A folder of maps with a made-up release of HPO in it; two diseases: OMIM:1 (1-5) and OMIM:2 (2-6)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "icd_phecode.csv").write_text(ICD, encoding="utf-8")
    (folder / "hpo_phecode.tsv.gz").write_bytes(gzip.compress(HPO.encode(), mtime=0))
    (folder / "mondo.sssom.tsv").write_text(MONDO, encoding="utf-8")
    (folder / "hp.obo").write_text(OBO, encoding="utf-8")
    head = (
        "database_id disease_name qualifier hpo_id reference evidence onset frequency sex modifier aspect by"
    )
    lines = ["#version: 2026-01-01", "\t".join(head.split())]
    for disease, terms in (("OMIM:1", range(1, 6)), ("OMIM:2", range(2, 7))):
        for term in terms:
            name = f"disease {disease[-1]}"
            lines.append("\t".join([disease, name, "", f"HP:000000{term}", "", "", "", "", "", "", "P", ""]))
    for qualifier, frequency in (("NOT", ""), ("", "0/7")):
        row = ["OMIM:1", "disease 1", qualifier, "HP:0000006", "", "", "", frequency, "", "", "P", ""]
        lines.append("\t".join(row))
    (folder / "gene_disease.tsv").write_text("gene\tdisease\n", encoding="utf-8")
    (folder / "phenotype.hpoa").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def drawn(
    people: int = 400,
    codes: int = 60,
    features: int = 40,
    diseases: int = 25,
    seed: int = 5,
    most: float = 0.3,
):
    """Charts and a shape drawn at random; each disease has two diagnosis codes."""
    draw = np.random.default_rng(seed)

    def places(rows: int, columns: int, each: int) -> tuple[list[int], list[int]]:
        found = [(row, int(one)) for row in range(rows) for one in draw.choice(columns, each, replace=False)]
        return [row for row, _ in found], [one for _, one in found]

    share = draw.uniform(most / 15, most, codes)
    held = draw.random((people, codes)) < share
    held[0] = False
    rows, columns = np.nonzero(held)
    shape = Shape(
        ones(*places(codes, features, 1), (codes, features)),
        ones(*places(diseases, features, 8), (diseases, features)),
        ones(*places(diseases, codes, 2), (diseases, codes)),
    )
    age = draw.uniform(0, 90, people)
    age[1] = np.nan
    female = (draw.random(people) < 0.5).astype(float)
    female[2] = np.nan
    return Charts(ones(rows, columns, (people, codes)), age, female, held.sum(axis=1).astype(float)), shape
