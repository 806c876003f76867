"""Lines told from whole blocks are those that reading every line by itself would look into."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.locus import Build
from bedside.intake.compression import Unended
from bedside.intake.line_scan import LineScan
from bedside.intake.target import Targets, targets_of
from bedside.knowledge.catalogue import load_pgx

COLUMNS = 10
NAMES = {b"chr1": "chr1", b"22": "chr22", b"chr22": "chr22", b"NC_000022.11": "chr22"}


TARGETS: tuple[Targets, ...] = tuple(targets_of(load_pgx(), build) for build in Build)
PLACES = [start + shift for start in TARGETS[0].spans["chr22"][0] for shift in (-3, 0, 2)]
ODD = [b"", b"\r", b"chr1", b"\t" * 9, b"chr1\t5\tA", b"chr22\t12x\t" + b".\t" * 7]
POSITIONS = [b"1", b"00042126611", b"-5", b"99999999999", *(b"%d" % place for place in PLACES)]
STATED_END = re.compile(rb"(?:^|;)END=([0-9]+)(?:;|$)")


@st.composite
def a_line(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(ODD))
    chromosome = draw(st.sampled_from([b"chr1", b"22", b"chr22", b"NC_000022.11", b"chrUn", b"chr22\x00"]))
    position = draw(st.sampled_from(POSITIONS))
    reference = draw(st.sampled_from([b"A", b"ACGT", b"A" * 60]))
    alternate = draw(st.sampled_from([b"C", b".", b"<NON_REF>", b"C,<NON_REF>", b"A<B"]))
    end = b"%d" % draw(st.sampled_from([1, 42126499, 42130800, 99999999]))
    info = draw(
        st.sampled_from([b".", b"END=" + end, b"END=" + end + b";DP=3", b"DP=3;END=" + end, b"END=x"])
    )
    cells = [chromosome, position, b".", reference, alternate, b".", b"PASS", info, b"GT", b"0/1"]
    return b"\t".join(cells) + draw(st.sampled_from([b"", b"\r"]))


def looked_into(line: bytes) -> bool:
    """What reading a line by itself would do with it, written as plainly as can be."""
    if line.count(b"\t") != COLUMNS - 1:
        return True
    cells = line.split(b"\t")
    if not cells[1].isdigit():
        return True
    chromosome = NAMES.get(cells[0])
    if chromosome is None:
        return False
    start, end = int(cells[1]), int(cells[1]) + len(cells[3]) - 1
    if (b"<" in cells[4] or cells[4] == b".") and (
        found := re.search(rb"(?:^|;)END=([0-9]+)(?:;|$)", cells[7])
    ):
        end = max(end, int(found[1]))
    return any(target.touched(chromosome, start, end) for target in TARGETS)


@given(st.lists(a_line(), max_size=12), st.lists(st.integers(1, 200), max_size=8), st.booleans())
def test_no_line_that_matters_is_passed_over_however_the_text_is_cut(
    lines: list[bytes], cuts: list[int], ended: bool
) -> None:
    text = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    blocks, place = [], 0
    for size in cuts:
        blocks.append(text[place : place + size])
        place += size
    blocks.append(text[place:])
    scan = LineScan(COLUMNS, NAMES, TARGETS, lambda name, number: None)
    found = dict(scan.lines(blocks, 7))
    whole = text.split(b"\n")
    wanted = {
        7 + number: line.removesuffix(b"\r")
        for number, line in enumerate(whole)
        if line.removesuffix(b"\r") and looked_into(line.removesuffix(b"\r"))
    }
    assert wanted.items() <= {number: bytes(line) for number, line in found.items()}.items() or (
        isinstance(found.get(7 + len(whole) - 1), Unended)
    )
    assert scan.records == sum(bool(line.removesuffix(b"\r")) for line in whole[:-1]) + bool(whole[-1])


def test_each_contig_is_told_once_with_its_first_line() -> None:
    told: list[tuple[bytes, int]] = []
    row = b"%s\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\n"
    text = row % b"chrUn" + row % b"chr1" + row % b"22" + row % b"chr1"
    scan = LineScan(COLUMNS, NAMES, TARGETS, lambda name, number: told.append((name, number)))
    assert list(scan.lines([text[:50], text[50:]], 1)) == []
    assert sorted(told) == [(b"22", 3), (b"chr1", 2)]
