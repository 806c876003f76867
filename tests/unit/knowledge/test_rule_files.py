"""Rule files: none loads without saying who owns it and what still has to be
checked; what they must contain.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.genome.code import Code, System
from bedside.knowledge.approval import Awaiting
from bedside.knowledge.hook import read_hook
from bedside.knowledge.inhibitors import read_inhibitors
from bedside.knowledge.phrases import load_phrases, read_phrases
from bedside.knowledge.provenance import DATA, REQUIRED, parse_rule_file, rule_files
from bedside.knowledge.ruleset import KINDS, load_ruleset, rules_digest
from bedside.knowledge.terminology import load_terminology
from bedside.knowledge.tiers import read_tiers
from tests.unit.decide.people import pack, rules

SHIPPED = [(kind, path) for kind in (*KINDS, "terminology") for path in sorted((DATA / kind).rglob("*.toml"))]


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=[f"{kind}/{path.stem}" for kind, path in SHIPPED])
@pytest.mark.parametrize("name", [*REQUIRED, "evidence_level", "approval"])
def test_a_rule_file_that_does_not_say_who_and_whence_is_refused(kind: str, path: Path, name: str) -> None:
    whole = path.read_text()
    parse_rule_file("x", whole.encode(), kind)
    without = re.sub(rf"^{name} = .*\n", "", whole, flags=re.MULTILINE)
    with pytest.raises(PackError, match=f"{name} is missing"):
        parse_rule_file("x", without.encode(), kind)


@pytest.mark.parametrize(("kind", "path"), SHIPPED, ids=[f"{kind}/{path.stem}" for kind, path in SHIPPED])
def test_nothing_that_ships_claims_to_have_been_signed_off(kind: str, path: Path) -> None:
    header = parse_rule_file("x", path.read_bytes(), kind).provenance
    assert "await" in header.review_state or "as published" in header.review_state
    assert isinstance(header.approval, Awaiting)


def test_a_rule_file_of_another_kind_is_refused() -> None:
    path = DATA / "tiers" / "tiers.toml"
    with pytest.raises(PackError, match="kind is 'tiers' where 'hooks' belongs"):
        parse_rule_file("x", path.read_bytes(), "hooks")


def changed(kind: str, old: str, new: str) -> bytes:
    path = next(path for held, path in SHIPPED if held == kind and old in path.read_text())
    return path.read_text().replace(old, new).encode()


def test_words_must_cover_every_action_and_strength() -> None:
    content = changed("phrases", "[actions.AVOID]", "[actions.SHUN]")
    phrases = load_phrases()
    with pytest.raises(PackError, match="no words for AVOID"):
        read_phrases(parse_rule_file("x", content, "phrases"), phrases.populations, phrases.tiers)


def test_tiers_must_cover_every_action() -> None:
    content = changed("tiers", '"OTHER", ', "")
    with pytest.raises(PackError, match="no tier fits every OTHER"):
        read_tiers(parse_rule_file("x", content, "tiers"))


def test_an_inhibitor_of_an_enzyme_without_a_model_is_refused() -> None:
    content = changed(
        "inhibitors", 'gene = "CYP2C19"\nstrength = "strong"', 'gene = "CYP3A4"\nstrength = "strong"'
    )
    with pytest.raises(PackError, match="no model for CYP3A4"):
        read_inhibitors(parse_rule_file("x", content, "inhibitors"))


def test_a_hook_that_shows_an_unknown_urgency_is_refused() -> None:
    content = changed("hooks", '"critical", "warning"', '"critical", "loud"')
    with pytest.raises(PackError, match="not a CDS Hooks service"):
        read_hook(parse_rule_file("x", content, "hooks"))


def test_a_site_s_own_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "tiers").mkdir()
    (tmp_path / "tiers" / "ours.toml").write_bytes(
        changed("tiers", "cool_down_hours = 24", "cool_down_hours = 8")
    )
    ours = load_ruleset(pack(), tmp_path)
    assert (rules().phrases.tiers.cool_down_hours, ours.phrases.tiers.cool_down_hours) == (24, 8)
    assert rules_digest(tmp_path) != rules_digest()
    assert ours.name != rules().name


def find(text: str = "", *codes: Code) -> list[str]:
    return [drug.name for drug in rules().drugs.find(codes, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Simvastatin 20 MG Oral Tablet", ["simvastatin"]),
        ("Norco 5/325", ["hydrocodone", "acetaminophen"]),
        ("codeine phosphate 30 mg", ["codeine"]),
        ("dihydrocodeine", []),
        ("dihydro-codeine 30 mg", []),
        ("non-codeine analgesic", []),
        ("des-venlafaxine", []),
        ("guaifenesin-codeine 100-10 MG/5ML", ["codeine"]),
        ("acetaminophen-codeine #3", ["acetaminophen", "codeine"]),
        ("perphenazine-amitriptyline 2-10 mg", ["perphenazine", "amitriptyline"]),
        ("5-fluorouracil 1000 mg IV", ["fluorouracil"]),
        ("6-mercaptopurine", ["mercaptopurine"]),
        ("5-FU", ["fluorouracil"]),
        ("co-codamol 30/500", ["codeine", "acetaminophen"]),
        ("suxamethonium 100 mg", ["succinylcholine"]),
        ("co-trimoxazole", ["sulfamethoxazole / trimethoprim"]),
        ("esomeprazole 40 mg", ["esomeprazole"]),
        ("methylene blue injection", ["methylene blue"]),
        ("PLAVIX", ["clopidogrel"]),
        ("", []),
    ],
)
def test_text_is_read_by_whole_words_only(text: str, expected: list[str]) -> None:
    assert sorted(find(text)) == sorted(expected)


def test_a_code_counts_before_the_text_beside_it() -> None:
    assert find("clopidogrel", Code(System.RXNORM, "2670", "codeine")) == ["codeine"]
    assert find("clopidogrel", Code(System.RXNORM, "0", "unknown product")) == ["clopidogrel"]
    assert find("", Code(System.ATC, "C10AA01")) == ["simvastatin"]
    assert find("", Code(System.RXNORM, "856987")) == ["acetaminophen", "hydrocodone"]


def test_everything_the_map_and_the_slots_name_is_known_by_its_code() -> None:
    index = rules().drugs
    members = [member for slot in rules().slots for member in slot.members]
    items = [item for made in rules().order_sets.values() for slot in made.slots for item in slot.items]
    assert [
        m.name
        for m in members
        if [d.name for d in index.find((Code(System.RXNORM, m.rxnorm),))] not in ([m.name], [])
    ] == []
    assert [i.text for i in items if i.text not in [d.name for d in index.find(i.codes)]] == []
    for code, several in rules().inhibitors.by_rxnorm.items():
        assert [drug.name for drug in index.find((Code(System.RXNORM, code),))] == [several[0].name]


def test_products_of_the_public_synthetic_records_are_understood(shared: Path) -> None:
    """The codes of products.tsv stand in those records under the ingredients' names."""
    import gzip
    import json

    named: dict[str, str] = {}
    for path in sorted((shared / "synthea").glob("*.json.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes())).get("entry", []):
            for coding in entry["resource"].get("medicationCodeableConcept", {}).get("coding", []):
                named[coding["code"]] = coding["display"].lower()
    wrong = []
    for code, text in named.items():
        by_code = {d.name for d in rules().drugs.by_rxnorm.get(code, ())}
        by_text = {d.name for d in rules().drugs.in_words(text)}
        if by_code and by_text and not by_text <= by_code:
            wrong.append((code, text))
    assert wrong == []
    assert sum(code in rules().drugs.by_rxnorm for code in named) >= 25


def test_every_kind_of_rule_file_has_a_file() -> None:
    assert [kind for kind in KINDS if not list(rule_files(kind))] == []


def test_phenotype_answers_are_terms_of_the_release() -> None:
    terms = {rule.phenotype for gene in pack().genes.values() for rule in gene.rules}
    assert sorted(set(load_terminology().phenotypes.values()) - terms) == []
