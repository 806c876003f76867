"""Names that alleles had in older reports."""

from __future__ import annotations

import pytest

from bedside.errors import PackError
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.names import load_names, read_names
from bedside.knowledge.provenance import parse_rule_file

HEAD = (
    b'kind = "names"\nname = "n"\ntitle = "t"\nowner = "o"\nlicence = "l"\nsource = "s"\n'
    b'retrieved = 2026-01-01\nreview_due = 2027-01-01\nreview_state = "r"\n'
    b'evidence_level = "standard"\napproval = { state = "awaiting", role = "x" }\ntold_apart_since = []\n'
)


def test_a_report_of_slco1b1_1b_means_todays_37_and_other_names_stay() -> None:
    names = load_names()
    assert names.today("SLCO1B1", "*1B") == "*37"
    assert names.today("SLCO1B1", "*5") == "*5"
    assert names.then("CYP2C19", "*38") == "*1"


def test_every_name_of_today_is_an_allele_of_the_release() -> None:
    names, genes = load_names(), load_pgx().genes
    today = [(gene, allele) for (gene, _), allele in names.renamed.items()] + list(names.told_apart_since)
    assert [one for one in today if one[1] not in {a.name for a in genes[one[0]].alleles}] == []


def test_a_change_of_name_without_its_citation_is_refused() -> None:
    row = b'[[renamed]]\ngene = "G"\nolder = "*1A"\ntoday = "*1"\ncites = ""\n'
    with pytest.raises(PackError, match="a name cites nothing"):
        read_names(parse_rule_file("names.toml", HEAD + row, "names"))
