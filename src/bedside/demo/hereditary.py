"""The whole genomes of the made-up people: accepted, screened, and each finding brought some of its way.

Everything goes through the services behind the commands: `knowledge add clinvar`, `reanalyse`, `accept`,
`consent`, `screen`, and the steps of the return of results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bedside.act.cascade_family import Named, Relation, named_in
from bedside.demo.clock import at
from bedside.demo.genomes import (
    CLINVAR,
    CONSUMER,
    GenomeRole,
    GenomeSetting,
    MadeUpGenome,
    Sequencer,
    covered_bed,
    exome_vcf,
)
from bedside.demo.raw_data import raw_data
from bedside.genome.code import Code, System
from bedside.genome.consent import Decision, Giver, Said, Scope
from bedside.genome.evidence import AssayKind
from bedside.genome.inheritance import Inheritance
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.knowledge.clinvar.keep import add_clinvar, releases_root
from bedside.knowledge.clinvar.read_file import Asked as File
from bedside.knowledge.findings_reader import load_panel
from bedside.service.accept_consumer import accept_consumer
from bedside.service.accept_genome import GenomeRequest
from bedside.service.accept_result import accept_files
from bedside.service.cascade import record_relative, record_relative_step, start_cascade
from bedside.service.disclose import events_of, findings, record_step
from bedside.service.disclose_letters import enter_problem
from bedside.service.house import House
from bedside.service.reanalyse import Asked
from bedside.service.reanalyse_release import clinvar_in_force, reanalyse_to
from bedside.service.record_consent import record_decisions
from bedside.service.screen_people import ScreenAsked, screen_people

ACTOR = "genomics-service"


def own_knowledge(house: House) -> bool:
    """Whether the demonstration may keep releases of its own: beside its ledger, never in a site's folder."""
    settings = house.settings
    on_disk = not settings.store_url.startswith(("postgresql:", "postgres:"))
    return settings.knowledge_folder is None and on_disk


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens on a day of the story. Doing it twice is doing it once."""

    day: date
    do: Callable[[], None]


def acts_of_genomes(
    house: House, setting: GenomeSetting, genomes: Sequence[MadeUpGenome], seed: int
) -> list[Act]:
    """Everything that happens around the genomes, in the order of its days."""
    acts = [
        Act(setting.day_of_release, partial(_releases, house, setting)),
        Act(setting.day_of_consent, partial(_give, house, setting, genomes)),
        Act(setting.day_of_withdrawal, partial(_withdraw, house, setting, genomes)),
        Act(setting.day_of_withdrawal, partial(_raw_data, house, setting, genomes)),
        *(Act(day, partial(_screen, house, setting)) for day in setting.days_of_screening),
    ]
    for laboratory in setting.laboratories:
        mine = [one for one in genomes if one.laboratory == laboratory.key]
        if mine:
            acts.append(Act(laboratory.day, partial(_accept, house, laboratory, mine, seed)))
    for one in genomes:
        for step in one.role.steps if one.role else ():
            acts.append(Act(date.fromisoformat(step[0]), partial(_step, house, one, step)))
        for relative in one.role.relative_steps if one.role else ():
            acts.append(Act(date.fromisoformat(relative[0]), partial(_relative_step, house, one, relative)))
    return sorted(acts, key=lambda act: act.day)


def _releases(house: House, setting: GenomeSetting) -> None:
    """Both releases are at hand; only the older one is adopted."""
    root = releases_root(house.settings)
    for day in (setting.in_force, setting.waiting):
        add_clinvar(CLINVAR / f"clinvar_{day}.vcf", root, File())
    if house.ledger.release("clinvar") is None:
        reanalyse_to(house, f"clinvar@{setting.in_force}", Asked(actor=ACTOR))


def _accept(house: House, laboratory: Sequencer, genomes: Sequence[MadeUpGenome], seed: int) -> None:
    """A laboratory's delivery: one file, and where it looked."""
    with TemporaryDirectory(prefix="bedside-demo-") as folder:
        vcf, bed = Path(folder) / f"{laboratory.key}.vcf", Path(folder) / f"{laboratory.key}.bed"
        vcf.write_text(exome_vcf(laboratory, genomes, seed), encoding="utf-8")
        bed.write_text(covered_bed(laboratory), encoding="utf-8")
        accept_files(
            house,
            [vcf],
            laboratory=laboratory.name,
            confirmation=laboratory.confirmation,
            valid_at=at(laboratory.day),
            genome=GenomeRequest(AssayKind.EXOME, bed),
        )


def _raw_data(house: House, setting: GenomeSetting, genomes: Sequence[MadeUpGenome]) -> None:
    """Somebody brings what they bought."""
    with TemporaryDirectory(prefix="bedside-demo-") as folder:
        path = Path(folder) / "raw-data.txt"
        path.write_text(raw_data(house.pgx), encoding="utf-8")
        for one in genomes:
            if one.laboratory == CONSUMER:
                day = at(setting.day_of_withdrawal)
                accept_consumer(house, path, one.person, build=Build.GRCH37, valid_at=day)


def _give(house: House, setting: GenomeSetting, genomes: Sequence[MadeUpGenome]) -> None:
    for one in genomes:
        said = house.ledger.consents(one.person)
        given = {Scope(name): Decision.GIVEN for name in one.give if Scope(name) not in said}
        if given:
            how = Said(
                Decision.GIVEN, at(setting.day_of_consent), Giver.GUARDIAN if one.child else Giver.SELF
            )
            record_decisions(house, one.person, given, how, actor="consent-desk")


def _withdraw(house: House, setting: GenomeSetting, genomes: Sequence[MadeUpGenome]) -> None:
    for one in genomes:
        said = house.ledger.consents(one.person)
        scopes = [Scope(name) for name in (one.role.withdraw if one.role else ())]
        taken = {
            scope: Decision.WITHDRAWN
            for scope in scopes
            if scope not in said or said[scope].decision is not Decision.WITHDRAWN
        }
        if taken:
            how = Said(Decision.WITHDRAWN, at(setting.day_of_withdrawal))
            record_decisions(house, one.person, taken, how, actor="consent-desk")


def _screen(house: House, setting: GenomeSetting) -> None:
    release = clinvar_in_force(house)
    for name in setting.screened:
        screen_people(house, load_panel(name), release, ScreenAsked(actor=ACTOR))


def _step(house: House, one: MadeUpGenome, step: tuple[str, str, str, str]) -> None:
    """One step with somebody's finding; a step without an outcome is the entry in the problem list."""
    day, name, outcome, channel = step
    places = findings(house, one.person)
    if not places or one.role is None:
        return
    finding, when = places[0].finding.finding, at(date.fromisoformat(day))
    if outcome:
        details = {"channel": channel} if channel else None
        record_step(house, one.person, finding, name, outcome, actor=ACTOR, at=when, details=details)
    else:
        code = Code(System.ICD10CM, *one.role.problem)
        enter_problem(house, one.person, finding, code, actor=ACTOR, at=when)
    if name == "family":
        _family(house, one, one.role, finding)


def _family(house: House, one: MadeUpGenome, role: GenomeRole, finding: str) -> None:
    """The relatives of somebody who was told."""
    known = {each.relative for each in named_in(events_of(house, one.person))}
    for name, relation, sex in role.relatives:
        if name not in known:
            record_relative(house, one.person, Named(name, Relation(relation), sex=Sex(sex)), actor=ACTOR)
    start_cascade(house, one.person, finding, Inheritance.DOMINANT, actor=ACTOR)


def _relative_step(house: House, one: MadeUpGenome, step: tuple[str, str, str, str]) -> None:
    day, name, state, outcome = step
    finding = findings(house, one.person)[0].finding.finding
    when = at(date.fromisoformat(day))
    record_relative_step(house, one.person, finding, name, state, outcome, actor=ACTOR, at=when)
