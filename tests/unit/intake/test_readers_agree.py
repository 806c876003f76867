"""The reader of lines and htslib read the same records, on every file there is and on messy made ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.genome.locus import Build
from bedside.intake.policy import default_policy
from bedside.intake.target import Targets
from bedside.intake.vcf_binary import VcfBinary
from bedside.intake.vcf_htslib import VcfHtslib
from bedside.intake.vcf_text import VcfText
from tests.unit.intake.laboratory_files import DECLARED, record, vcf_text, write_bcf

POLICY = default_policy()
EVERYTHING = Targets(
    Build.GRCH38, {}, dict.fromkeys(set(POLICY.chromosome_names.values()), ((1,), (300000000,)))
)
FOLDERS = ("pgx_conformance/vcf", "getrm", "genotypes", "fhir_ops", "dtc", "nbs_beginngs", "onc")


def files_of(shared: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted([*(shared / folder).rglob("*.vcf"), *(shared / folder).rglob("*.vcf.gz")])


@contextmanager
def htslib_silent() -> Iterator[None]:
    """htslib writes its remarks on the messy files to the process's own error stream."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def differences(path: Path) -> tuple[int, list[object]]:
    """How many records both readers gave, and those they read differently."""
    with htslib_silent():
        text = list(VcfText(path, POLICY).rows([EVERYTHING]))
        htslib = list(VcfHtslib(path, POLICY).rows([EVERYTHING]))
    assert len(text) == len(htslib)
    return len(text), [
        (ours, theirs) for ours, theirs in zip(text, htslib, strict=True) if not ours.same_as(theirs)
    ]


def differences_as_bcf(path: Path, folder: Path) -> tuple[int, list[object]]:
    """The same as BCF: our reader of its bytes, htslib, and the lines it was made from."""
    with htslib_silent():
        binary = write_bcf(folder / "same.bcf", path)
        ours = list(VcfBinary(binary, POLICY).rows([EVERYTHING]))
        theirs = list(VcfHtslib(binary, POLICY).rows([EVERYTHING]))
        lines = list(VcfText(path, POLICY).rows([EVERYTHING]))
    assert len(ours) == len(theirs) == len(lines)
    trios = zip(ours, theirs, lines, strict=True)
    return len(ours), [trio for trio in trios if not (trio[0].same_as(trio[1]) and trio[0].same_as(trio[2]))]


def declares_contigs(path: Path) -> bool:
    return bool(VcfText(path, POLICY).header.contigs)


@pytest.mark.slow
def test_both_readers_agree_on_every_public_file_as_bcf(shared: Path, tmp_path: Path) -> None:
    """htslib writes a BCF only of files that declare their contigs; a tenth of the small cases is enough."""
    every = enumerate(files_of(shared))
    paths = [path for number, path in every if "generated" not in path.parts or number % 10 == 0]
    read = [differences_as_bcf(path, tmp_path) for path in paths if declares_contigs(path)]
    assert sum(count for count, _ in read) > 40_000
    assert [differing for _, differing in read if differing] == []


def test_both_readers_agree_on_every_record_of_every_public_file(shared: Path) -> None:
    read = [differences(path) for path in files_of(shared)]
    assert sum(count for count, _ in read) > 70_000
    assert [differing for _, differing in read if differing] == []


HEADER = (*DECLARED, '##FILTER=<ID=q10,Description="Quality below 10">')
GENOTYPES = [
    "0/0",
    "0/1",
    "1/0",
    "1/1",
    "0|1",
    "1|0",
    "1|1",
    "./.",
    ".",
    "0",
    "1",
    "0/.",
    "./1",
    ".|1",
    "1|.",
    "0/2",
    "1|2",
]
SITES = st.sampled_from(["A", "C", "A,C", "AT,A", "<NON_REF>", "<*>", "A,<NON_REF>", ".", "A,*", "<DEL>,A"])
FORMS = st.sampled_from(
    ["GT", "GT:PS", "GT:AD:DP:GQ", "GT:DP:GQ:MIN_DP", "GT:FT", "GT:AD:PS:FT", "GT:GQ:PS", "DP:GQ", "GT:DP:AD"]
)
VALUES = {
    "PS": [".", "1", "94781859"],
    "DP": [".", "0", "9", "10", "250"],
    "GQ": [".", "0", "19", "20", "99"],
    "MIN_DP": [".", "3", "30"],
    "FT": [".", "PASS", "VQLOW", "q10;s50"],
    "AD": [".", "3,4", "3,0", "0,7", "3,0,4", "1"],
}


@st.composite
def lines(draw: st.DrawFn, samples: int) -> str:
    alternate, form = draw(SITES), draw(FORMS)
    alleles = 0 if alternate == "." else alternate.count(",") + 1
    genotypes = [one for one in GENOTYPES if all(int(digit) <= alleles for digit in one if digit.isdigit())]
    columns = []
    for _ in range(samples):
        values = [draw(st.sampled_from(genotypes if key == "GT" else VALUES[key])) for key in form.split(":")]
        kept = draw(st.integers(1, len(values)))
        columns.append(":".join(values[:kept]))
    position = draw(st.integers(1, 90_000_000))
    filters = draw(st.sampled_from(["PASS", ".", "LowQual", "LowQual;q10"]))
    info = f"END={position + draw(st.integers(0, 500))}" if "<" in alternate or alternate == "." else "."
    info = draw(st.sampled_from([info, "."]))
    chromosome = draw(st.sampled_from(["chr1", "1", "chrX", "NC_000010.11", "MT"]))
    return record(
        chromosome,
        position,
        draw(st.sampled_from(["G", "GT"])),
        alternate,
        *columns,
        form=form,
        filters=filters,
        info=info,
    )


@pytest.mark.parametrize("samples", [1, 3, 70])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_both_readers_agree_on_messy_records(
    tmp_path_factory: pytest.TempPathFactory, samples: int, line_end: str, data: st.DataObject
) -> None:
    """Trailing values left off, blanks, phase sets, haploids, many alleles, a FORMAT per line, either line
    end.
    """
    records = data.draw(st.lists(lines(samples), min_size=1, max_size=4))
    declared = data.draw(st.sampled_from([(), ("chr1", "1", "chrX", "NC_000010.11", "MT")]))
    path = tmp_path_factory.mktemp("messy") / "messy.vcf"
    names = tuple(f"S{number}" for number in range(samples))
    path.write_bytes(
        vcf_text(records, samples=names, header=HEADER, contigs=declared, line_end=line_end).encode()
    )
    assert differences(path) == (len(records), [])
    if declared:
        assert differences_as_bcf(path, path.parent) == (len(records), [])
