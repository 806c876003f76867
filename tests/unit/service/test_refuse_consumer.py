"""Raw data that somebody bought does not become a laboratory's result by being written as a VCF."""

from __future__ import annotations

import gzip

import pytest

from bedside.errors import IntakeError
from bedside.genome.result import Confirmation
from bedside.service.accept_result import accept_files

POOR = {"rs12769205": "1/1", "rs4244285": "1/1"}


def sold(path, line="##source=23andMe raw data, converted"):
    head, rest = path.read_text().split("\n", 1)
    path.write_text("\n".join((head, line, rest)))
    return path


@pytest.mark.parametrize("confirmation", Confirmation)
def test_a_seller_s_vcf_is_no_laboratory_s_result_and_nothing_of_it_is_stored(house, write_vcf, confirmation):
    """It would lead to cards and findings, or read as normal."""
    path = sold(write_vcf("ada.vcf", {"ada": POOR}))
    with pytest.raises(IntakeError, match=r"raw data of 23andMe.*bedside consumer") as refused:
        accept_files(house, [path], confirmation=confirmation)
    assert len(refused.value.problems) == 1
    assert house.ledger.checkpoint().sequence == 0
    assert not house.documents.folder.exists()


def test_it_is_recognised_when_it_is_packed(house, write_vcf):
    path = sold(write_vcf("ada.vcf", {"ada": POOR}), "##source=AncestryDNA array")
    packed = path.with_suffix(".vcf.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(IntakeError, match="raw data of"):
        accept_files(house, [packed])


def test_a_laboratory_that_annotates_with_a_seller_s_panel_is_a_laboratory(house, write_vcf):
    line = '##INFO=<ID=CHIP,Number=0,Type=Flag,Description="also on the 23andMe chip">'
    (accepted,) = accept_files(house, [sold(write_vcf("ada.vcf", {"ada": POOR}), line)])
    assert accepted.new
