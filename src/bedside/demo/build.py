"""Makes the made-up health system: registers its people and accepts their laboratories' files, day by day.

Everything goes through the services a hospital would use. Days come from the story, not from the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bedside.demo.alerts import acts_of_alerts
from bedside.demo.authorisation import ask_payers
from bedside.demo.board import acts_of_board, board_people, read_board_setting
from bedside.demo.cast import Setting, read_setting
from bedside.demo.clinic import hold_clinic
from bedside.demo.clock import FIRST_DAY, StoryClock, at
from bedside.demo.coverage import ask_about_orders
from bedside.demo.draw import Urn
from bedside.demo.genomes import make_genomes, read_genome_setting
from bedside.demo.hereditary import Act, acts_of_genomes, own_knowledge
from bedside.demo.laboratory import Delivery, deliveries
from bedside.demo.money import count_money
from bedside.demo.newborns import care_for_newborns, newborns_in
from bedside.demo.orders import acts_of_orders, given_out, read_order_setting, read_results
from bedside.demo.pathways import put_on_pathways
from bedside.demo.people import RECORD_NUMBER, TODAY, MadeUpPerson, make_people
from bedside.demo.programme import run_programme
from bedside.errors import InputError
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Medication, Person, Problem
from bedside.genome.result import Confirmation
from bedside.knowledge.frequencies import load_frequencies
from bedside.knowledge.pgx import PgxPack
from bedside.service.accept_result import accept_files
from bedside.service.house import House, open_house
from bedside.service.register_person import Registration, register_people

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was made: how many people, results and open tasks, the cast (person, role, story), and those with
    a whole genome (person, role or "", story or "")."""

    people: int
    tested: int
    results: int
    open_tasks: int
    cast: tuple[tuple[str, str, str], ...]
    new: bool
    genomes: tuple[tuple[str, str, str], ...] = ()


def build_demo(
    house: House, *, people: int = 300, seed: int = 1, progress: Progress | None = None
) -> DemoSummary:
    """Make so many people in the house's store. Doing it twice is doing it once; stopped halfway, it goes on.

    Raises `InputError` when the store already holds anybody else: made-up people never mix with real ones.
    """
    say = progress or (lambda text: None)
    setting = read_setting()
    population = tuple(make_people(setting, Urn(load_frequencies(), house.pgx), people, seed))
    cast = tuple(
        (each.person, each.role, each.member.story) for each in population if each.member is not None
    )
    tested = sum(bool(each.laboratory) for each in population)
    new = _unfinished(house, population)
    if new:
        say(f"{people} people")
        _tell(house, setting, population, seed, say)
    genomes = tuple(
        (one.person, one.role.role if one.role else "", one.role.story if one.role else "")
        for one in make_genomes(read_genome_setting(), population, seed)
        if own_knowledge(house)
    )
    return DemoSummary(people, tested, _results(house), len(house.ledger.tasks()), cast, new, genomes)


def _unfinished(house: House, population: Sequence[MadeUpPerson]) -> bool:
    """Whether anything is still to be told: nothing was yet, or somebody stopped the telling halfway."""
    held = house.ledger.count_people()
    mine = sum(house.ledger.person(each.person) == as_person(each) for each in population)
    results = _results(house)
    held -= newborns_in(house)
    if held > mine or (results and mine < len(population)):
        raise InputError.one(
            "--store",
            f"the store holds {held} people who are not this demo's",
            remedy="give the demo a store of its own",
        )
    expected = sum(_results_of(each) for each in population)
    seen = next(iter(house.ledger.events(kinds=[EventKind.HOOK_ANSWERED])), None)
    return results < expected or seen is None


def _results(house: House) -> int:
    """How many results of the pharmacogenes came in files; genomes, raw data and messages are others."""
    whole = {run.result for run in house.ledger.genome_runs()}
    messages = house.ledger.events(kinds=[EventKind.MESSAGE_RECEIVED])
    whole |= {event.payload["result"] for event in messages}
    return sum(
        result.result not in whole and result.confirmation is not Confirmation.UNCONFIRMED
        for result in house.ledger.all_results()
    )


def _results_of(each: MadeUpPerson) -> int:
    earlier = each.member is not None and each.member.earlier is not None
    return bool(each.laboratory) + earlier


def _tell(
    house: House, setting: Setting, population: Sequence[MadeUpPerson], seed: int, say: Progress
) -> None:
    """Register everybody, then let the days pass."""
    clock = StoryClock()
    inside = open_house(house.settings, pgx=house.pgx, clock=clock)
    results = 0
    try:
        _register(inside, clock, population)
        arrivals = deliveries(setting, population, house.pgx, seed)
        prescribed = list(_prescriptions(population, house.pgx))
        acts = _genome_acts(inside, population, seed)
        with TemporaryDirectory(prefix="bedside-demo-") as folder:
            for number, delivery in enumerate(arrivals, start=1):
                while prescribed and prescribed[0][0] <= delivery.day:
                    _prescribe(inside, clock, *prescribed.pop(0))
                _act(clock, acts, delivery.day)
                clock.go_to(delivery.day)
                results += _accept(inside, Path(folder), delivery)
                say(f"{number} of {len(arrivals)} deliveries, {results} results")
        for day, registrations in prescribed:
            _act(clock, acts, day)
            _prescribe(inside, clock, day, registrations)
        _act(clock, acts)
        say(f"{len(inside.ledger.people_with_genome())} genomes stored and screened")
        read_results(inside, "Example Health clinics")
        busy = {one.person for one in make_genomes(read_genome_setting(), population, seed)}
        orders = acts_of_orders(inside, read_order_setting(), population, busy)
        named = {each.person for each, _ in given_out(read_order_setting(), population, busy)}
        orders += acts_of_board(inside, read_board_setting(), population, busy | named)
        named |= {each.person for each, _ in board_people(read_board_setting(), population, busy | named)}
        orders += acts_of_alerts(inside, population, busy | named)
        orders.sort(key=lambda act: act.day)
        cards = hold_clinic(inside, clock, setting, population, lambda day: _act(clock, orders, day))
        _act(clock, orders)
        say(f"{cards} cards shown at the clinic")
        clock.go_to(TODAY)
        say(f"{put_on_pathways(inside, population, busy | named, seed)} people on care pathways")
        say(f"{care_for_newborns(inside)} newborns with a rapid genome behind them")
        say(f"{ask_about_orders(inside)} orders asked about at their payers' policies")
        say(f"{ask_payers(inside)} orders asked about at a made-up payer")
        say(f"{count_money(inside)} orders with what they may cost, or did")
        say(f"{run_programme(inside)} decisions of the programme")
    finally:
        inside.close()


def _genome_acts(house: House, population: Sequence[MadeUpPerson], seed: int) -> list[Act]:
    setting = read_genome_setting()
    genomes = make_genomes(setting, population, seed)
    return acts_of_genomes(house, setting, genomes, seed) if genomes and own_knowledge(house) else []


def _act(clock: StoryClock, acts: list[Act], until: date | None = None) -> None:
    """Do what is planned up to a day (None: all of it), and strike it off."""
    while acts and (until is None or acts[0].day <= until):
        act = acts.pop(0)
        clock.go_to(act.day)
        act.do()


def _register(house: House, clock: StoryClock, population: Sequence[MadeUpPerson]) -> None:
    """Everybody with their problems, site by site."""
    clock.go_to(FIRST_DAY)
    for site in sorted({each.site for each in population}):
        mine = [
            Registration(as_person(each), problems=_problems(each))
            for each in population
            if each.site == site
        ]
        register_people(house, mine, actor=site, valid_at=at(FIRST_DAY))


def _prescriptions(
    population: Iterable[MadeUpPerson], pack: PgxPack
) -> Iterator[tuple[date, list[Registration]]]:
    """What is prescribed, month by month."""
    by_month: dict[date, list[Registration]] = {}
    for each in population:
        if each.medicines:
            month = max(FIRST_DAY, each.since.replace(day=1))
            by_month.setdefault(month, []).append(
                Registration(as_person(each), medications=_medications(each, pack))
            )
    yield from sorted(by_month.items(), key=lambda item: item[0])


def _prescribe(house: House, clock: StoryClock, day: date, registrations: Sequence[Registration]) -> None:
    clock.go_to(day)
    register_people(house, registrations, actor="prescriptions", valid_at=at(day))


def _accept(house: House, folder: Path, delivery: Delivery) -> int:
    """The files of one delivery, as they would lie in a hospital's inbox."""
    path = folder / f"{delivery.name}.vcf"
    path.write_bytes(delivery.vcf)
    calls = _calls_file(folder, delivery) if delivery.calls else None
    accepted = accept_files(
        house, [path], outside=calls, laboratory=delivery.laboratory, valid_at=at(delivery.day)
    )
    return sum(each.new for each in accepted)


def _calls_file(folder: Path, delivery: Delivery) -> Path:
    lines = ["sample\tgene\tdiplotype\tphenotype"]
    for person, calls in delivery.calls.items():
        lines += ["\t".join((person, *call)) for call in calls]
    path = folder / f"{delivery.name}-calls.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def as_person(each: MadeUpPerson) -> Person:
    """The made-up person as the record knows people."""
    number = each.person.removeprefix("demo-")
    return Person(
        person=each.person,
        given=each.given,
        family=each.family,
        birth_date=each.birth_date,
        sex=each.sex,
        identifiers=(Identifier(RECORD_NUMBER, f"EH{number}"),),
        ancestry=each.ancestry,
    )


def _problems(each: MadeUpPerson) -> tuple[Problem, ...]:
    return tuple(
        Problem(Code(condition.system, condition.code, condition.words)) for condition in each.conditions
    )


def _medications(each: MadeUpPerson, pack: PgxPack) -> tuple[Medication, ...]:
    drugs = (pack.drugs[name] for name in each.medicines)
    return tuple(Medication(Code(System.RXNORM, drug.rxnorm, drug.name), since=each.since) for drug in drugs)
