"""Ten thousand damaged files: each is refused with its reasons or read whole; none makes intake stumble."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.genome.locus import Build
from bedside.intake.policy import default_policy
from bedside.intake.read_file import FileRead, read_file, wanted
from tests.examples import examples
from tests.unit.intake.laboratory_files import bgzip, pack, record, write_bcf, write_vcf

LINES = [
    record("chr7", 117530974, "C", "G,T", "0/1", "1/2"),
    record(
        "chr10", 94781800, "T", "<NON_REF>", "0/0:30:60", "0/0:30:60", form="GT:DP:GQ", info="END=94781857"
    ),
    record("chr10", 94781859, "G", "A", "0/1:30:9,8:1", "1|0:2:3,0:5", form="GT:GQ:AD:PS"),
    record("chr13", 48037782, "AGGAGTC", "A,AGGAGTCGGAGTC", "0|2:94", "0/0:.", form="GT:PS"),
    record("chrX", 154535277, "T", "C", "1", "0/1", filters="LowQual"),
]
WANTED = wanted(pack())


@contextmanager
def quiet() -> Iterator[None]:
    """htslib remarks on damaged files on the process's own error stream."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, lost, added, doubled or cut off."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 5])):
        at = chance.randrange(len(data) or 1)
        match chance.randrange(6):
            case 0 | 1:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 2:
                del data[at : at + chance.randrange(1, 30)]
            case 3:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
            case 4:
                data[at:at] = data[at : at + chance.randrange(1, 80)]
            case _:
                del data[at:]
    return bytes(data)


def outcome(path: Path) -> FileRead | IntakeError:
    """What became of a file; a refusal has reasons, and every reason names the file."""
    try:
        return read_file(path, WANTED, None, default_policy())
    except IntakeError as error:
        refusal = error
    assert {problem.source for problem in refusal.problems} == {path.name}
    assert all(problem.reason for problem in refusal.problems)
    return refusal


def made(tmp_path: Path) -> tuple[Path, Path]:
    vcf = write_vcf(tmp_path / "whole.vcf", LINES, samples=("S1", "S2"))
    return vcf, write_bcf(tmp_path / "whole.bcf", vcf)


@pytest.mark.parametrize(
    ("wrap", "count"), [("plain", 5000), ("gzip", 1500), ("bgzip", 1500), ("bcf", 1000), ("bcf inside", 1000)]
)
def test_a_damaged_file_is_refused_or_read_whole(tmp_path: Path, wrap: str, count: int) -> None:
    vcf, bcf = made(tmp_path)
    content = {
        "plain": vcf.read_bytes(),
        "gzip": gzip.compress(vcf.read_bytes()),
        "bgzip": bgzip(vcf.read_bytes()),
        "bcf": bcf.read_bytes(),
        "bcf inside": gzip.decompress(bcf.read_bytes()),
    }[wrap]
    chance = random.Random(wrap)
    path = tmp_path / "damaged.vcf"
    refused = 0
    with quiet():
        for _ in range(examples(count)):
            data = damaged(content, chance)
            path.write_bytes(bgzip(data, 60_000) if wrap == "bcf inside" else data)
            found = outcome(path)
            refused += isinstance(found, IntakeError)
            if isinstance(found, FileRead):
                assert all(len(codes) == len(found.samples) for _, codes in found.positions.values())
                assert found.build is Build.GRCH38 or wrap in ("plain", "bcf inside")
    assert 0 < refused < examples(count) or wrap in ("gzip", "bgzip", "bcf")


@pytest.mark.parametrize("wrap", ["gzip", "bgzip", "bcf"])
def test_a_compressed_file_cut_at_any_byte_is_refused(tmp_path: Path, wrap: str) -> None:
    vcf, bcf = made(tmp_path)
    whole = {
        "gzip": gzip.compress(vcf.read_bytes()),
        "bgzip": bgzip(vcf.read_bytes()),
        "bcf": bcf.read_bytes(),
    }[wrap]
    path = tmp_path / "cut.vcf"
    with quiet():
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            assert isinstance(outcome(path), IntakeError)


def test_a_plain_file_cut_at_any_byte_is_refused_or_says_so_or_ends_with_a_whole_line(tmp_path: Path) -> None:
    vcf, _ = made(tmp_path)
    whole = vcf.read_bytes()
    path = tmp_path / "cut.vcf"
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        found = outcome(path)
        if isinstance(found, FileRead) and not whole[:length].endswith(b"\n"):
            assert "no-final-line-end" in [notice.code for notice in found.notices]
