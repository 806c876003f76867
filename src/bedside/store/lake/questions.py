"""The cohort questions as expressions, written once: ibis compiles them for DuckDB in this process and for
Apache Spark on a cluster, over the same Parquet. Everything is asked by number; names stay with the asker.

    carriers  key, run, zygosity                    who carries what (1 het, 2 hom, 3 hemi), in any order
    runs      run, pid, list, group, x_rows, x_first, x_last
                                                    only the runs that may be counted; a higher run is newer
    wanted    key                                   the variants asked about
    spans     key, number, first, last              what must have been seen to say something about a key
    looked    list, chromosome, start, end          the lists of stretches that runs share, not overlapping
    own       run, chromosome, start, end, state    what runs saw otherwise (0 did not look, else `Seen`)

Lists of keys are tables and joined: as literals they are several times slower on both engines.
"""

from __future__ import annotations

from typing import Any

import ibis

from bedside.genome.evidence import Seen
from bedside.genome.presence import ZYGOSITY_NUMBER, Zygosity
from bedside.genome.region import CHROMOSOME_NUMBER

Table = Any
"""An `ibis` table expression."""

_SEEN, _HALF = int(Seen.REFERENCE), int(Seen.HALF_CALL)
_HOMOZYGOUS, _HEMIZYGOUS = (ZYGOSITY_NUMBER[z] for z in (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS))
_X, _Y, _M = (CHROMOSOME_NUMBER[name] for name in ("chrX", "chrY", "chrM"))
_UNSPOILT = 127


def hits(carriers: Table, runs: Table, wanted: Table) -> Table:
    """`key, run, zygosity` of every counted run that shows one of the wanted variants."""
    return carriers.join(wanted, "key").join(runs.select("run"), "run").select("key", "run", "zygosity")


def hits_between(carriers: Table, runs: Table, low: int, high: int) -> Table:
    """The same for every variant from one key up to, without, another."""
    inside = carriers.filter((carriers.key >= low) & (carriers.key < high))
    return inside.join(runs.select("run"), "run").select("key", "run", "zygosity")


def codes(spans: Table, runs: Table, looked: Table, own: Table) -> Table:
    """`key, run, code` of each run that looked at a span: 1 seen throughout, else the number of `Seen` that
    spoils it. A run without a row did not look at all of it.

    Stretches of a list and a run's further ones do not overlap, so their bases inside a span add up.
    """
    listed = _touching(spans, looked).group_by(["key", "list"]).aggregate(bases=ibis._.bases.sum())
    by_run = listed.join(runs.select("run", "list"), "list").select(
        "key", "run", "bases", spoilt=_number(_UNSPOILT), lacking=_number(0)
    )
    mine = _touching(spans, own.join(runs.select("run"), "run")).select(
        "key",
        "run",
        bases=(ibis._.state == _SEEN).ifelse(ibis._.bases, _number(0)),
        spoilt=(ibis._.state > _SEEN).ifelse(ibis._.state.cast("int64"), _number(_UNSPOILT)),
        lacking=(ibis._.state == 0).ifelse(_number(1), _number(0)),
    )
    whole = (
        by_run.union(mine)
        .group_by(["key", "run"])
        .aggregate(bases=ibis._.bases.sum(), spoilt=ibis._.spoilt.min(), lacking=ibis._.lacking.max())
        .join(spans, "key")
    )
    throughout = (whole.lacking == 0) & (whole.bases == whole.last - whole.first + 1)
    code = ibis.cases(
        (whole.spoilt < _UNSPOILT, whole.spoilt), (throughout, _number(_SEEN)), else_=_number(0)
    )
    said = whole.select("key", "run", code=code)
    return said.filter(said.code > 0)


def believed(hits: Table, codes: Table, runs: Table) -> Table:
    """`key, pid, run, zygosity, code` for each person who has an answer at a key: the newest run that carries
    the variant (zygosity above 0) or saw its place (code 1); without one, the newest that looked."""
    said = (
        hits.select("key", "run", zygosity=hits.zygosity.cast("int64"), code=_number(0))
        .union(codes.select("key", "run", zygosity=_number(0), code=codes.code.cast("int64")))
        .group_by(["key", "run"])
        .aggregate(zygosity=ibis._.zygosity.max(), code=ibis._.code.max())
        .join(runs.select("run", "pid"), "run")
    )
    settled = ((said.zygosity > 0) | (said.code == _SEEN)).ifelse(1, 0)
    newest = [settled.desc(), said.run.desc()]
    place = ibis.row_number().over(group_by=[said.key, said.pid], order_by=newest)
    ranked = said.mutate(place=place)
    return ranked.filter(ranked.place == 0).select("key", "pid", "run", "zygosity", "code")


def copies_by_group(believed: Table, spans: Table, runs: Table) -> Table:
    """`key, group, copies, strands` of those believed: copies seen of each variant, strands looked at.

    Who carries it shows as many strands as the call; who was seen without it as many as expected there.
    """
    about = runs.select("run", "group", "x_rows", "x_first", "x_last")
    whole = believed.join(about, "run").join(spans.select("key", "number", "first"), "key")
    carrying, zygosity = whole.zygosity > 0, whole.zygosity
    single = (zygosity == _HEMIZYGOUS) | (whole.code == _HALF)
    copies = ibis.cases((zygosity == _HOMOZYGOUS, _number(2)), (carrying, _number(1)), else_=_number(0))
    strands = ibis.cases(
        (carrying & single, _number(1)),
        (carrying, _number(2)),
        (whole.code == _SEEN, _expected(whole)),
        else_=_number(0),
    )
    each = whole.select("key", "group", copies=copies, strands=strands)
    return each.group_by(["key", "group"]).aggregate(copies=ibis._.copies.sum(), strands=ibis._.strands.sum())


def _expected(whole: Table) -> Any:
    """Strands of somebody seen without the variant, as the run's own rows of X tell."""
    inside = (whole.x_first > 0) & (whole.x_first <= whole["first"]) & (whole["first"] <= whole.x_last)
    on_x = ibis.cases((inside, _number(1)), (whole.x_rows > 0, _number(2)), else_=_number(0))
    on_y = (whole.x_first > 0).ifelse(_number(1), _number(0))
    number = whole.number
    return ibis.cases(
        (number == _X, on_x), (number == _Y, on_y), (number == _M, _number(1)), else_=_number(2)
    )


def _touching(spans: Table, stretches: Table) -> Table:
    """Each pair of span and stretch that share a base, with how many they share."""
    pairs = spans.join(
        stretches,
        [
            spans.number == stretches.chromosome,
            spans["first"] <= stretches.end,
            spans["last"] >= stretches.start,
        ],
    )
    until, since = ibis.least(pairs.end, pairs["last"]), ibis.greatest(pairs.start, pairs["first"])
    return pairs.mutate(bases=until - since + 1)


def _number(value: int) -> Any:
    return ibis.literal(value, "int64")
