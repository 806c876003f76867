"""NCBI's `variant_summary.txt.gz`: one row an allele and assembly; the rows of one build are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
import pyarrow as pa

from bedside.errors import PackError, Problem
from bedside.genome.locus import Build
from bedside.knowledge.clinvar.facts import NO_GERMLINE, WordsOf, facts
from bedside.knowledge.clinvar.read_official import cut_lines
from bedside.knowledge.clinvar.text_fields import Block

_NEEDED = {
    "AlleleID": "allele_id", "GeneSymbol": "genes", "ClinicalSignificance": "raw",
    "PhenotypeList": "conditions", "Assembly": "assembly", "Chromosome": "contig",
    "ReviewStatus": "review", "VariationID": "variation_id", "PositionVCF": "position",
    "ReferenceAlleleVCF": "reference", "AlternateAlleleVCF": "alternate",
}  # fmt: skip
_ELSEWHERE = ("SomaticClinicalImpact", "Oncogenicity")
_SILENT = ("", "-", "na")


def places(where: str, columns: list[str]) -> Mapping[str, int]:
    """Where each column stands; raises PackError naming every one that is missing."""
    found = {name.removeprefix("#"): place for place, name in enumerate(columns)}
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        remedy = "files before 2020 have no VCF positions: give the VCF of that date"
        raise PackError(Problem(where, f"there is no column {name}", 1, remedy) for name in missing)
    return found


def reader(place: Mapping[str, int], width: int) -> Callable[[str, Block, WordsOf, Build], pl.DataFrame]:
    """The reader of a file whose columns stand at these places."""

    def read(where: str, block: Block, words: WordsOf, build: Build) -> pl.DataFrame:
        cut = cut_lines(where, block, width)
        columns = {ours: cut.column(place[theirs]) for theirs, ours in _NEEDED.items()}
        others = [name for name in _ELSEWHERE if name in place]
        columns |= {name: cut.column(place[name]) for name in others}
        frame = pl.DataFrame(pa.table(columns)).with_columns(
            pl.int_range(pl.len(), dtype=pl.UInt32).add(block.first_line).alias("line")
        )
        rows = frame.filter(pl.col("assembly") == build.value)
        elsewhere = pl.any_horizontal(
            pl.lit(value=False), *(pl.col(name).is_in(_SILENT).not_() for name in others)
        )
        spoken = {"reference": ("", "-", "na", "."), "alternate": ("", "-", "na", ".")}
        return facts(
            where,
            block,
            rows.with_columns(
                pl.col("raw", "genes", "conditions").replace(dict.fromkeys(_SILENT, None)),
                *(pl.col(name).replace(dict.fromkeys(none, ".")) for name, none in spoken.items()),
                pl.col("position").replace({"-1": "0", "na": "0", "": "0"}),
                pl.when(elsewhere).then(pl.lit("somatic")).alias(NO_GERMLINE),
            ),
            words,
        )

    return read
