"""What of a result can be coded, what is coded wrongly, and what waits for a person."""

from __future__ import annotations

import pytest

from bedside.exchange.hl7v2_lri import CodedCall, Miscoded, coded, miscoded
from bedside.exchange.hl7v2_result import Observed
from bedside.genome.observation import OutsideCall
from bedside.knowledge.lri_answers import load_lri_answers

LISTS = load_lri_answers()
PHENOTYPES = {"LA9657-3": "Poor Metabolizer", "LA10317-8": "Intermediate Metabolizer"}
GENES = {"HGNC:2621": "CYP2C19", "HGNC:2625": "CYP2D6"}


def said(segment: int, code: str, value: str, value_code: str = "", **more: str) -> Observed:
    fields = {"group": "1a", "system": "LN", "value_type": "CWE", "status": "F", "value_system": ""} | more
    return Observed(segment, 0, 1, name="", code=code, value_code=value_code, value=value, **fields)


GENE = said(4, LISTS.gene, "CYP2C19", "HGNC:2621", value_system="HGNC")
PAIR = said(5, LISTS.genotype, "*2/*2")
POOR = said(6, LISTS.metabolism, "Poor metabolizer", "LA9657-3", value_system="LN")


def read(*observed: Observed):
    return coded(observed, LISTS, PHENOTYPES, GENES)


def test_a_group_becomes_one_call_with_its_segments():
    known = read(GENE, PAIR, POOR)
    assert known.calls == (CodedCall(OutsideCall("CYP2C19", "*2/*2", "Poor Metabolizer"), (4, 5, 6)),)
    assert known.unread == ()


@pytest.mark.parametrize(
    ("observed", "call"),
    [
        ((GENE, PAIR), OutsideCall("CYP2C19", "*2/*2", "")),
        ((GENE, POOR), OutsideCall("CYP2C19", "", "Poor Metabolizer")),
        ((said(4, LISTS.gene, "CYP2C19"), PAIR), OutsideCall("CYP2C19", "*2/*2", "")),
        ((said(4, LISTS.gene, "HGNC:2621"), PAIR), OutsideCall("CYP2C19", "*2/*2", "")),
        (
            (GENE, said(6, LISTS.metabolism, "poor METABOLIZER")),
            OutsideCall("CYP2C19", "", "Poor Metabolizer"),
        ),
    ],
)
def test_a_group_may_say_less_and_say_it_otherwise(observed, call):
    assert [one.call for one in read(*observed).calls] == [call]


@pytest.mark.parametrize(
    ("observed", "why"),
    [
        ((PAIR, POOR), "its group does not name one gene with one genotype and one metabolism"),
        ((GENE, GENE, PAIR), "its group does not name one gene with one genotype and one metabolism"),
        ((GENE, said(5, LISTS.genotype, "*1/*2", group="2a")), "nothing in the record takes it yet"),
        ((GENE, said(5, LISTS.genotype, "*1/*2", status="P")), "its group is not final"),
        ((GENE, said(5, LISTS.genotype, "*1/")), "a side of its genotype is blank"),
        ((GENE, said(6, LISTS.metabolism, "rather slow")), "its metabolism is none of the list's answers"),
        (
            (said(4, LISTS.gene, "CYP2C19", "HGNC:2625"), PAIR),
            "its gene is not named by a symbol, or by one that its HGNC number contradicts",
        ),
        (
            (said(4, LISTS.gene, "CYP2C19", system="LOCAL"), said(7, "x", "y")),
            "its code is of the system LOCAL, which is not read",
        ),
    ],
)  # fmt: skip
def test_what_is_not_sure_makes_no_call_and_is_kept_with_its_reason(observed, why):
    known = read(*observed)
    assert (known.calls, len(known.unread)) == ((), len(observed))
    assert why in {reason for _, reason in known.unread}


@pytest.mark.parametrize(
    ("observed", "why"),
    [
        (said(4, "LA6668-3", "x"), "OBX-3 holds an answer's code where a question's belongs"),
        (said(4, "69548-6", "Pathogenic"), "69548-6 is answered with an answer of another question"),
        (said(4, "69548-6", "x", "LA6668-3", value_system="LN"),
         "69548-6 is answered with a code that is none of its answers"),
        (said(4, "53037-8", "Cancer", "254843006", value_system="SCT"),
         "53037-8 is answered with a code of another system"),
        (said(4, "53040-2", "Poor metabolizer", "LA10317-8", value_system="LN"),
         "53040-2 is answered with a code and a text that mean different answers"),
    ],
)  # fmt: skip
def test_a_code_that_its_value_contradicts_is_said(observed, why):
    assert miscoded([observed], LISTS) == (Miscoded(4, why),)


@pytest.mark.parametrize(
    "observed",
    [
        said(4, "69548-6", "Present"),
        said(4, "53037-8", "not specified"),
        said(4, "69548-6", "Pathogenic", system="LOCAL"),
    ],
)
def test_what_is_only_unknown_is_not_called_miscoded(observed):
    assert miscoded([observed], LISTS) == ()
