"""Two older layouts: VCFs with MEASURESET_ID made of ClinVar's XML in 2015 and 2016, and monthly tables of
the numbers of the official VCF of 2012 to 2017. Both are on GRCh37 and say neither date nor build.
"""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from bedside.genome.locus import Build
from bedside.knowledge.clinvar.facts import WordsOf, facts
from bedside.knowledge.clinvar.read_official import cut_lines, info_of
from bedside.knowledge.clinvar.text_fields import Block

MONTHLY_COLUMNS = ("chrom", "pos", "ref", "alt", "rsid", "gene", "clnsig_codes")
_KEYS = {
    "MEASURESET_ID": "variation_id", "SYMBOL": "genes", "CLINICAL_SIGNIFICANCE": "raw",
    "REVIEW_STATUS": "review", "ALL_TRAITS": "conditions",
}  # fmt: skip


def read_measure_sets(where: str, block: Block, words: WordsOf, build: Build) -> pl.DataFrame:
    """The records of a block of a VCF with MEASURESET_ID; raises PackError."""
    cut = cut_lines(where, block, 8)
    info = info_of(where, block, cut, 7, tuple(_KEYS))
    columns = {name: info[key] for key, name in _KEYS.items()}
    for place, name in ((0, "contig"), (1, "position"), (3, "reference"), (4, "alternate")):
        columns[name] = cut.column(place)
    return facts(where, block, columns, words)


def read_monthly(where: str, block: Block, words: WordsOf, build: Build) -> pl.DataFrame:
    """The records of a block of a monthly table; raises PackError."""
    cut = cut_lines(where, block, len(MONTHLY_COLUMNS))
    names = ("contig", "position", "reference", "alternate", "", "genes", "raw")
    columns = {name: cut.column(place) for place, name in enumerate(names) if name}
    frame = pl.DataFrame(pa.table(columns)).with_columns(pl.col("raw").replace("", None))
    return facts(where, block, frame, words)
