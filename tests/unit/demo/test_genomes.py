"""The genomes of the demonstration: the same for the same seed, of real variants, in every state shown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from bedside.demo.genomes import (
    CLINVAR,
    covered_bed,
    exome_vcf,
    make_genomes,
    published_variants,
    read_genome_setting,
)
from bedside.demo.hereditary import own_knowledge
from bedside.demo.people import MadeUpPerson
from bedside.demo.raw_data import raw_data
from bedside.genome.consent import Purpose, Refusal
from bedside.genome.event import EventKind
from bedside.genome.result import Confirmation
from bedside.knowledge.pgx import PgxPack
from bedside.service.consented_lake import asked
from bedside.service.disclose import findings, worklist
from bedside.service.house import House
from bedside.settings import Settings
from tests.demo_record import NOW, open_demo, person_of

SETTING = read_genome_setting()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = open_demo(tmp_path_factory.mktemp("demo"))
    yield house
    house.close()


def test_the_same_person_has_the_same_genome_whatever_the_number_of_people(
    people: tuple[MadeUpPerson, ...],
) -> None:
    every = make_genomes(SETTING, people, 1)
    assert make_genomes(SETTING, people[:45], 1) == every[:14]
    assert (len(every), every[0].person) == (40, "demo-000032")
    assert make_genomes(SETTING, people, 2) != every


def test_every_role_is_played_by_somebody_of_the_right_age(people: tuple[MadeUpPerson, ...]) -> None:
    genomes = make_genomes(SETTING, people, 1)
    played = {one.role.role: one.child for one in genomes if one.role is not None}
    assert played == {role.role: not role.adult for role in SETTING.roles}


def test_everything_carried_is_a_published_variant_and_stands_in_the_file(
    people: tuple[MadeUpPerson, ...],
) -> None:
    genomes = make_genomes(SETTING, people, 1)
    for laboratory in SETTING.laboratories:
        mine = [one for one in genomes if one.laboratory == laboratory.key]
        lines = [line.split("\t") for line in exome_vcf(laboratory, mine, 1).splitlines() if line[0] != "#"]
        written = {
            (f"{chromosome}-{position}-{reference}-{alternate}", name): cell.split(":")[0]
            for chromosome, position, _, reference, alternate, *_ in lines
            for name, cell in zip((one.person for one in mine), lines[0][9:], strict=True)
        }
        assert set(written) or not mine
        assert [line[:2] for line in lines] == sorted(
            (line[:2] for line in lines),
            key=lambda place: (int(place[0].removeprefix("chr")), int(place[1])),
        )
        for column, one in enumerate(mine, start=9):
            carried = {
                (line[0], line[1], line[3], line[4])
                for line in lines
                if line[column].split(":")[0] in ("0/1", "1/1")
            }
            known = [published_variants()[name] for name in one.carries]
            assert carried == {
                (each.chromosome, str(each.position), each.reference, each.alternate)
                for each in known
                if each.gene not in laboratory.leave_out
            }


def test_what_is_placed_by_hand_stands_in_both_releases() -> None:
    ids = {name for role in SETTING.roles for name in role.carries}
    for release in (SETTING.in_force, SETTING.waiting):
        text = (CLINVAR / f"clinvar_{release}.vcf").read_text(encoding="utf-8")
        held = {line.split("\t")[2] for line in text.splitlines() if not line.startswith("#")}
        assert ids <= held


def test_a_laboratory_says_where_it_looked_in_order_and_leaves_out_what_it_leaves_out() -> None:
    older = next(one for one in SETTING.laboratories if one.key == "older-exome")
    spans = [line.split("\t") for line in covered_bed(older).splitlines()]
    places = [(int(name.removeprefix("chr")), int(start), int(end)) for name, start, end in spans]
    assert places == sorted(places)
    assert all(one[2] < other[1] for one, other in pairwise(places) if one[0] == other[0])
    left_out = [one for one in published_variants().values() if one.gene in older.leave_out]
    assert not any(
        number == 16 and start <= one.position <= end
        for one in left_out
        if one.chromosome == "chr16"
        for number, start, end in places
    )


def test_raw_data_holds_no_change_at_all(pack: PgxPack) -> None:
    rows = [line.split("\t") for line in raw_data(pack).splitlines() if not line.startswith("#")]
    assert len(rows) > 100
    assert {row[3][0] == row[3][1] for row in rows} == {True}


def test_the_older_release_is_in_force_and_the_newer_one_waits(told: House) -> None:
    adopted = [event.payload["release"] for event in told.ledger.events(kinds=(EventKind.RELEASE_ADOPTED,))]
    clinvar = [name.partition("#")[0] for name in adopted if name.startswith("clinvar@")]
    assert clinvar == [f"clinvar@{SETTING.in_force}"]
    folder = Path(told.settings.store_url.removeprefix("sqlite:///")).parent / "knowledge/sources/clinvar"
    assert sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) == [
        SETTING.in_force,
        SETTING.waiting,
    ]


def test_each_role_is_where_its_story_says(told: House) -> None:
    stands = {
        role: [place.state.name for place in findings(told, person_of(role))]
        for role in (
            "told-and-later-lowered",
            "family-asked",
            "nobody-answers",
            "research-genome",
            "one-star",
        )
    }
    assert stands == {
        "told-and-later-lowered": ["visit"],
        "family-asked": ["risk-management"],
        "nobody-answers": ["contact"],
        "research-genome": ["confirmation"],
        "one-star": ["sign-off"],
    }
    for role in ("child", "withdrawn", "one-copy", "uncertain-today", "conflict-today", "raw-data"):
        assert findings(told, person_of(role)) == ()


def test_the_worklist_has_somebody_stuck_for_want_of_consent(told: House) -> None:
    waits = {line.person: line.waits_for for line in worklist(told, NOW.date())}
    assert waits[person_of("no-contact-agreed")] == "recontact-not-consented"


def test_consents_of_every_kind_are_there(told: House) -> None:
    care, research = asked(told, Purpose.CARE), asked(told, Purpose.RESEARCH)
    refused = care.refused(person_of("withdrawn"))
    assert refused is not None
    assert refused.refusal is Refusal.WITHDRAWN
    assert dict(care.not_counted()) == {Refusal.WITHDRAWN: 1}
    assert set(research.not_counted()) >= {Refusal.WITHDRAWN, Refusal.NOT_ASKED}
    said = {event.payload["by"] for event in told.ledger.events(kinds=(EventKind.CONSENT_RECORDED,))}
    assert said == {"self", "guardian"}


def test_bought_raw_data_led_to_one_task_and_nothing_else(told: House) -> None:
    person = person_of("raw-data")
    unconfirmed = [one for one in told.ledger.results(person) if one.confirmation is Confirmation.UNCONFIRMED]
    assert len(unconfirmed) == 1
    assert [task.kind for task in told.ledger.tasks(person)] == ["confirm-in-laboratory"]
    assert told.ledger.genome_runs(person) == ()


def test_the_genomes_are_told_once_however_often_the_demonstration_is_built(tmp_path: Path) -> None:
    from bedside.demo.build import build_demo
    from tests.demo_record import PEOPLE

    house = open_demo(tmp_path)
    before = house.ledger.checkpoint()
    assert build_demo(house, people=PEOPLE).new is False
    assert house.ledger.checkpoint() == before
    house.close()


def test_a_site_s_own_folder_of_knowledge_gets_no_release_from_a_demonstration(tmp_path: Path) -> None:
    from bedside.demo.build import build_demo
    from bedside.service.house import open_house
    from bedside.settings import Settings

    root = tmp_path / "knowledge of the site"
    root.mkdir()
    settings = Settings(store_url=f"sqlite:///{tmp_path}/ledger.db", knowledge_root=str(root))
    house = open_house(settings)
    summary = build_demo(house, people=33)
    assert (summary.genomes, list(root.iterdir()), house.ledger.count_genome_runs()) == ((), [], 0)
    house.close()


def test_a_store_named_by_a_bare_path_has_genomes_too() -> None:
    def with_store(url: str, root: str = "") -> bool:
        return own_knowledge(SimpleNamespace(settings=Settings(store_url=url, knowledge_root=root)))  # type: ignore[arg-type]

    assert with_store("demo/ledger.db")
    assert with_store("sqlite:///demo/ledger.db")
    assert not with_store("postgresql://localhost/demo")
    assert not with_store("demo/ledger.db", "site-packs")
