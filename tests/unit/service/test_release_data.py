"""What leaves for research names nobody, is only of those who allow it, and shows no small group."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.cli import main
from bedside.errors import InputError
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.learn.deidentified import HIDDEN, Dates, PlainRow, age_band, blurred, cross_table
from bedside.service import release_data as service
from bedside.service.house import House, open_house
from bedside.service.record_consent import record_consent
from bedside.service.register_person import register_person
from bedside.service.release_data import Leak, Released, Wanted, look_through, release_data
from bedside.settings import Settings
from tests.contract.site import record

GENE = "CYP2C19"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
WANTED = Wanted((GENE,), "rows", "a study of made-up people")


def born(number: int) -> date:
    """A few decades, so that groups are large; one is 97."""
    return date(1929, 3, 19) if number == 0 else date(1960 + number % 9, 1 + number % 12, 1 + number % 28)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Sixty people, of whom the last ten never allowed research; one of them is called Normal."""
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"), clock=lambda: NOW)
    for number in range(60):
        person = f"person-{number}"
        pair = "*2/*2" if number < 3 else "*1/*1" if number % 2 else "*1/*2"
        record(opened, person, {GENE: pair})
        family = "Normal" if number == 59 else f"Family{number}"
        known = Person(
            person,
            f"Given{number}",
            family,
            born(number),
            Sex.FEMALE,
            (Identifier("urn:mrn", f"MRN-77{number:04}"),),
        )
        register_person(opened, known)
        if number < 50:
            record_consent(opened, person, Scope.RESEARCH, Decision.GIVEN)
    yield opened
    opened.close()


def lines(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text().splitlines()]


def give(house: House, folder: Path, wanted: Wanted = WANTED) -> tuple[Released, list[list[str]]]:
    done = release_data(house, wanted, folder / "out.tsv", actor="steward")
    return done, lines(folder / "out.tsv")


def test_rows_are_of_those_who_allow_it_and_name_nobody(house: House, tmp_path: Path) -> None:
    done, (header, *rows) = give(house, tmp_path)
    assert header == ["id", "sex", "age", "tested", GENE]
    assert 0 < len(rows) <= 50
    assert done.left_out == {"not-asked": "fewer than 11"}
    text = (tmp_path / "out.tsv").read_text()
    for number in range(60):
        for word in (f"Given{number}\t", f"Family{number}\t", f"MRN-77{number:04}", f"person-{number}\t"):
            assert word not in text
        assert born(number).isoformat() not in text
    assert {row[3] for row in rows} <= {"2026", HIDDEN}
    assert "90+" not in {row[2] for row in rows}
    assert min(Counter(row[4] for row in rows).values()) >= 11
    assert "Poor Metabolizer" not in text


def test_that_it_left_is_on_record_with_the_digest_of_what_left(house: House, tmp_path: Path) -> None:
    done, _ = give(house, tmp_path)
    (event,) = house.ledger.events(kinds=[EventKind.DATA_RELEASED])
    assert event.payload["digest"] == done.digest
    assert done.digest == hashlib.sha256((tmp_path / "out.tsv").read_bytes()).hexdigest()
    assert (event.payload["purpose"], event.payload["genes"]) == (WANTED.purpose, [GENE])


def test_two_releases_share_no_id_and_no_shift(house: House, tmp_path: Path) -> None:
    shifted = replace(WANTED, dates=Dates.SHIFT)
    (_, (_, *one)), (_, (_, *other)) = give(house, tmp_path, shifted), give(house, tmp_path, shifted)
    assert {row[0] for row in one}.isdisjoint(row[0] for row in other)
    true = datetime(2026, 1, 5).date().isoformat()
    assert true not in {row[3] for row in one}
    assert len({row[3] for row in one}) > 20


def test_whoever_withdraws_is_out_of_the_next_one(house: House, tmp_path: Path) -> None:
    before = give(house, tmp_path)[0].rows
    for number in range(10, 40):
        record_consent(house, f"person-{number}", Scope.RESEARCH, Decision.WITHDRAWN)
    assert give(house, tmp_path)[0].rows <= before - 20
    for number in range(3, 50):
        record_consent(house, f"person-{number}", Scope.RESEARCH, Decision.WITHDRAWN)
    (tmp_path / "out.tsv").unlink()
    with pytest.raises(InputError, match="fewer than 11 people allow this use"):
        give(house, tmp_path)
    assert not (tmp_path / "out.tsv").exists()


@pytest.mark.parametrize(
    "leak",
    ["Family7", "family7", "GIVEN12", "MRN-770031", "person-44", born(5).isoformat(),
     born(5).isoformat().replace("-", ""), "x/Family59", "a Given3."],
)  # fmt: skip
def test_what_names_anybody_in_the_record_stops_all_of_it(
    house: House, tmp_path: Path, leak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also somebody who is not in the table."""
    if leak == "x/Family59":
        leak = "x/Family58"
    made = service._table

    def leaking(*given: object) -> object:
        table, kept = made(*given)  # type: ignore[arg-type]
        return [*table[:5], (*table[5][:-1], leak), *table[6:]], kept

    monkeypatch.setattr(service, "_table", leaking)
    before = house.ledger.checkpoint()
    with pytest.raises(Leak, match="line 6 holds") as error:
        give(house, tmp_path)
    assert leak not in str(error.value)
    assert not (tmp_path / "out.tsv").exists()
    assert house.ledger.checkpoint() == before


def test_a_person_called_normal_stops_no_table_of_phenotypes(house: House) -> None:
    look_through(house, b"Normal Metabolizer", service._vocabulary(house, WANTED))
    with pytest.raises(Leak):
        look_through(house, b"Normal", frozenset())


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (replace(WANTED, genes=("NOSUCH",)), "the release has no NOSUCH"),
        (replace(WANTED, genes=()), "one to 3"),
        (replace(WANTED, genes=("CYP2C19", "CYP2D6", "TPMT", "NUDT15")), "one to 3"),
        (replace(WANTED, purpose=" "), "says what the data is for"),
        (replace(WANTED, form="genomes"), "is rows or counts"),
    ],
)
def test_genomes_and_what_comes_near_them_cannot_be_asked_for(
    house: House, tmp_path: Path, wanted: Wanted, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        give(house, tmp_path, wanted)


def test_counts_hide_small_cells_and_have_no_total(house: House, tmp_path: Path) -> None:
    _, (header, *rows) = give(house, tmp_path, replace(WANTED, form="counts"))
    assert header == ["phenotype", "sex", "age", "people"]
    assert all(row[3] == "fewer than 11" or int(row[3]) >= 11 for row in rows)
    assert any(row[3] == "fewer than 11" for row in rows)


def test_the_command_writes_it_and_says_who_was_left_out(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--gene", GENE, "--purpose", "a study", "--by", "steward", "--out", str(tmp_path / "o.tsv")]
    assert main(["deidentified", *words, "--store", house.settings.store_url]) == 0
    assert "left out\tfewer than 11\tnot-asked" in capsys.readouterr().out
    assert len(lines(tmp_path / "o.tsv")) > 11


def test_an_age_of_ninety_is_the_last_that_is_told() -> None:
    on = date(2026, 11, 26)
    days = (date(1936, 11, 27), date(1936, 11, 26), date(1920, 1, 1), date(2026, 11, 25), None)
    assert [age_band(day, on) for day in days] == ["80-89", "90+", "90+", "0-9", "unknown"]


PEOPLE = st.lists(
    st.builds(
        PlainRow,
        ident=st.uuids().map(str),
        sex=st.sampled_from(["female", "male"]),
        born=st.one_of(st.none(), st.dates(date(1925, 1, 1), date(2025, 1, 1))),
        tested=st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2026, 1, 1))),
        shift=st.integers(-364, 364),
        phenotypes=st.fixed_dictionaries({"G": st.sampled_from("abcd"), "H": st.sampled_from("xy")}),
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(PEOPLE, st.integers(2, 8))
def test_no_value_and_no_combination_that_is_given_away_is_of_few(rows: list[PlainRow], least: int) -> None:
    kept = blurred(rows, date(2026, 11, 26), Dates.YEAR, least)
    groups = Counter((row.sex, row.age, row.tested) for row in kept)
    assert all(count >= least for count in groups.values())
    for gene in ("G", "H"):
        before = Counter(row.phenotypes[gene] for row in rows)
        shown = {row.phenotypes[gene] for row in kept} - {HIDDEN}
        assert all(before[value] >= least for value in shown)
    table = cross_table(rows, "G", date(2026, 11, 26), least)
    assert all(row[3].startswith("fewer") or int(row[3]) >= least for row in table)
