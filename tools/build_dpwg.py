"""Builds the optional DPWG release: `python -m tools.build_dpwg SHARED/data/pgx`."""

from __future__ import annotations

import argparse
import csv
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.cpic_guidance import records
from tools.doses import CELLS
from tools.release import Part, table, write_release, yes

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "src/bedside/knowledge/data/sources"
RECORDS = "dpwg_cc-by-sa/recommendations_dpwg_2024-05.jsonl"
TWO_DECREASED = "0.5 + 0.5"
Cells = Mapping[str, str]


def key_of(gene: str, key: object) -> str:
    """A lookup key as the caller writes it; a pair of alleles becomes a diplotype."""
    if isinstance(key, dict):
        alleles = [name for name, copies in sorted(key.items()) for _ in range(int(copies))]
        return "/".join(alleles)
    text = str(key)
    if gene == "DPYD" and text == "1.0 (Phenotyping)":
        return TWO_DECREASED
    if gene == "DPYD":
        return text.partition(" (")[0]
    return "*15:02 and *15:11 positive" if text == "1511 and 1502" else text


class Readings:
    """What a person read where the source's code or number could not stand as it was."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as lines:
            self._rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        self._used: set[int] = set()

    def of(self, one: Mapping[str, Any]) -> Cells | None:
        """The reading of a coded recommendation; one that names its key goes before one for all."""
        ((gene, key),) = one["criteria"].items()
        dose = json.dumps(one["dose"]) if one["dose"] else ""
        found = [
            place
            for place, row in enumerate(self._rows)
            if one["drug"] in row["drugs"].split(";")
            and (row["gene"], row["source_action"], row["source_dose"]) == (gene, one["action"], dose)
            and (row["keys"] == "*" or str(key) in row["keys"].split(";"))
        ]
        if not found:
            if dose or one["action"] == "OTHER":
                raise SystemExit(
                    f"readings.tsv: nothing for {one['drug']} {one['criteria']} {one['action']} {dose}"
                )
            return None
        best = min(found, key=lambda place: self._rows[place]["keys"] == "*")
        self._used.add(best)
        return self._rows[best]

    def check_all_used(self) -> None:
        """Stops the build when a reading speaks of nothing in the source."""
        unused = [row for place, row in enumerate(self._rows) if place not in self._used]
        if unused:
            raise SystemExit(f"readings.tsv: nothing in the source for {unused}")


def guidance_rows(records_of: Sequence[Mapping[str, Any]]) -> Iterator[Cells]:
    """Every row, by drug."""
    readings = Readings(HERE / "dpwg/readings.tsv")
    for one in sorted(records_of, key=lambda one: str(one["drug"])):
        reading = readings.of(one)
        yield {
            "guidance_id": one["rec_id"],
            "guideline": one["guideline_id"],
            "drug": one["drug"],
            "population": one["population"] or "general",
            "criteria": "; ".join(
                f"{gene}={key_of(gene, key)}" for gene, key in sorted(one["criteria"].items())
            ),
            "action": reading["action"] if reading else one["action"],
            "strength": one["strength"] or "not_stated",
            "monitor": ";".join(one["monitor"]),
            "alternate_drug": yes(one["alternate_drug"]),
            "dosing_info": yes(one["dosing_info"]),
            "other_guidance": yes(one["other_guidance"]),
            "retrieved": "2024-05",
            "wording_sha1": one["text_sha1"],
            **({f"dose_{name}": reading[name] for name in CELLS} if reading else {}),
        }
    readings.check_all_used()


def guideline_rows(facts: Path) -> Iterator[Cells]:
    """DPWG's guidelines by identifier."""
    with (facts / "guidelines.tsv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["source"] == "DPWG"]
    for row in sorted(rows, key=lambda row: row["clinpgx_guideline_id"]):
        yield {
            "guideline": row["clinpgx_guideline_id"],
            "title": row["title"],
            "genes": row["genes"],
            "drugs": row["drugs"],
            "pmids": row["pmids"],
        }


def drug_rows(records_of: Sequence[Mapping[str, Any]]) -> Iterator[Cells]:
    """The drugs that the guidance speaks of, with their codes."""
    with (HERE / "dpwg/drugs.tsv").open(encoding="utf-8", newline="") as lines:
        added = {row["drug"]: row["atc"] for row in csv.DictReader(lines, delimiter="\t")}
    drugs = {str(one["drug"]): one for one in records_of}
    for name, one in sorted(drugs.items()):
        atc = one["atc"] or added.get(name, "")
        yield {
            "drug": name,
            "rxnorm": one["rxnorm"] or "",
            "atc": atc,
            "clinpgx": one["clinpgx_id"] or "",
            "origin": "clinpgx" if one["atc"] else "atc-index",
        }


def main() -> None:
    """Writes the release folder with its licence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("facts", type=Path, help="folder of retrieved facts")
    parser.add_argument("-o", "--output", type=Path, help="folder to write; else the package's own")
    arguments = parser.parse_args()
    about = tomllib.loads((HERE / "dpwg/description.toml").read_text(encoding="utf-8"))
    found = records(arguments.facts / RECORDS)
    origin = "ClinPGx annotations of DPWG guidelines"
    parts = (
        Part(
            "genes.toml",
            b"# Genes, alleles and phenotypes are those of the release this is added to.\n",
            "2024-05",
            origin,
        ),
        Part("guidance.tsv", table("guidance.tsv", guidance_rows(found)), "2024-05", origin),
        Part("guidelines.tsv", table("guidelines.tsv", guideline_rows(arguments.facts)), "2024-05", origin),
        Part("drugs.tsv", table("drugs.tsv", drug_rows(found)), "2024-05", "RxNorm and ATC by ClinPGx drug"),
    )
    folder = arguments.output or SOURCES / "dpwg" / about["description"]["date"]
    write_release(folder, about["description"], about["legend"], parts)
    (folder / "LICENSE.md").write_bytes((HERE / "dpwg/LICENSE.md").read_bytes())


if __name__ == "__main__":
    main()
