"""Calls as a table: one row per sample and gene, `;` between values, one text per distinct call."""

from __future__ import annotations

from typing import Any, BinaryIO

from bedside.exchange.pgx_fields import GENE_FIELDS, gene_fields
from bedside.interpret.call_people import PeopleCalls
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import PgxPack

COLUMNS = ("sample", *GENE_FIELDS, "knowledge")
_PEOPLE_AT_ONCE = 1024
_BREAKS = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def write_tsv(people: PeopleCalls, pack: PgxPack, out: BinaryIO) -> None:
    """A header row, then every sample's genes in the order of the pack. The last column names the release."""
    release = str(pack.release)
    genes = [
        (people.index[gene].tolist(), [_row(call, release) for call in people.calls[gene]])
        for gene in people.genes
    ]
    out.write(("\t".join(COLUMNS) + "\n").encode())
    waiting: list[bytes] = []
    for person, sample in enumerate(people.samples):
        name = _value(sample).encode()
        waiting.append(b"".join([name + texts[index[person]] for index, texts in genes]))
        if len(waiting) == _PEOPLE_AT_ONCE:
            out.write(b"".join(waiting))
            waiting.clear()
    out.write(b"".join(waiting))


def _row(call: GeneCall, release: str) -> bytes:
    """Everything after the sample's name."""
    fields = gene_fields(call)
    return ("\t" + "\t".join([*(_cell(fields[name]) for name in GENE_FIELDS), release]) + "\n").encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(_value(one).replace(";", ",") for one in value)
    return _value(str(value))


def _value(text: str) -> str:
    return text.translate(_BREAKS)
