"""Which laboratory a letter names: the one that reported the genome for clinical use, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.genome.evidence import AssayKind
from bedside.genome.result import Confirmation
from bedside.service.accept_genome import GenomeRequest
from bedside.service.accept_result import accept_files
from bedside.service.disclose_letters import _laboratory
from bedside.service.house import House
from bedside.service.withdraw_result import withdraw_result

VCF = """##fileformat=VCFv4.2
##contig=<ID=chr13,length=114364328,assembly=GRCh38>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNina
chr13\t{place}\t.\tG\tA\t50\tPASS\t.\tGT\t0/1
"""


def accepted(house: House, folder: Path, laboratory: str, place: int, how: Confirmation) -> str:
    path = folder / f"{place}.vcf"
    path.write_text(VCF.format(place=place))
    request = GenomeRequest(AssayKind.PANEL)
    (one,) = accept_files(house, [path], laboratory=laboratory, genome=request, confirmation=how)
    return one.result


@pytest.mark.parametrize(
    ("reported", "named"),
    [
        ([("North", Confirmation.CLINICAL)], "North"),
        ([("North", Confirmation.CLINICAL), ("Biobank", Confirmation.RESEARCH)], "North"),
        ([("Biobank", Confirmation.RESEARCH)], ""),
        ([("North", Confirmation.CLINICAL), ("South", Confirmation.CLINICAL)], ""),
    ],
)
def test_the_laboratory_of_the_clinical_genome_is_named(
    house: House, tmp_path: Path, reported: list[tuple[str, Confirmation]], named: str
) -> None:
    for number, (laboratory, how) in enumerate(reported):
        accepted(house, tmp_path, laboratory, 32316000 + number, how)
    assert _laboratory(house, "Nina") == named


def test_a_withdrawn_result_names_no_laboratory(house: House, tmp_path: Path) -> None:
    result = accepted(house, tmp_path, "North", 32316000, Confirmation.CLINICAL)
    withdraw_result(house, result, "samples were swapped", actor="laboratory")
    assert _laboratory(house, "Nina") == ""
