"""NCBI's `clinvar.vcf.gz` of 2017-09 and later, either build."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from bedside.errors import PackError
from bedside.genome.locus import Build
from bedside.knowledge.clinvar.facts import NO_GERMLINE, WordsOf, facts
from bedside.knowledge.clinvar.text_fields import Block, Fields, RepeatedKey, UnevenLines, fields

_COLUMNS = 8
_INFO = 7
_KEYS = {
    "ALLELEID": "allele_id", "CLNSIG": "raw", "CLNREVSTAT": "review", "CLNDN": "conditions",
    "GENEINFO": "genes", "MC": "consequences", "AF_ESP": "af_esp", "AF_EXAC": "af_exac", "AF_TGP": "af_tgp",
}  # fmt: skip
_ELSEWHERE = {"ONC": "somatic", "SCI": "somatic", "CLNSIGINCL": "included"}


def read(where: str, block: Block, words: WordsOf, build: Build) -> pl.DataFrame:
    """The records of a block; raises PackError naming the line that cannot be read."""
    cut = cut_lines(where, block, _COLUMNS)
    info = info_of(where, block, cut, _INFO, (*_KEYS, *_ELSEWHERE))
    columns = {_KEYS[key]: info[key] for key in _KEYS}
    for place, name in enumerate(("contig", "position", "variation_id", "reference", "alternate")):
        columns[name] = cut.column(place)
    frame = pl.DataFrame(pa.table(columns))
    unclassified = frame["raw"].is_null()
    if unclassified.any():
        said = pl.DataFrame(pa.table({key: info[key] for key in _ELSEWHERE}))
        where_else = pl.coalesce(
            pl.when(pl.col(key).is_not_null()).then(pl.lit(word)) for key, word in _ELSEWHERE.items()
        )
        frame = frame.with_columns(said.select(where_else.alias(NO_GERMLINE)).to_series())
    return facts(where, block, frame, words)


def cut_lines(where: str, block: Block, columns: int) -> Fields:
    """The columns of a block; raises PackError naming a line with another number of them."""
    try:
        return fields(block, columns)
    except UnevenLines as error:
        line, reason = block.first_line + error.row, f"not {columns} tab-separated columns"
        raise PackError.one(where, reason, line=line, remedy="download the file again") from error
    except UnicodeDecodeError as error:
        line = block.first_line + block.text.count(b"\n", 0, error.start)
        raise PackError.one(where, "not UTF-8 text", line=line, remedy="download the file again") from error


def info_of(where: str, block: Block, cut: Fields, place: int, keys: tuple[str, ...]) -> dict[str, pa.Array]:
    """INFO values by key; raises PackError naming a line that has one twice."""
    try:
        return cut.info(place, keys)
    except RepeatedKey as error:
        raise PackError.one(where, str(error), line=block.first_line + error.row) from error
