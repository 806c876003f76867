"""What arrives from the made-up laboratories, and when: files as a hospital gets them, by date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bedside.demo.cast import Laboratory, Setting
from bedside.demo.draw import UNLISTED
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.demo.vcf import Sample, Sheet, sites_of, write_gvcf, write_vcf
from bedside.genome.diplotype import Diplotype
from bedside.knowledge.frequencies import Haplotype
from bedside.knowledge.pgx import PgxPack


@dataclass(frozen=True, slots=True)
class Delivery:
    """One arrival: the day, from whom, the VCF, and calls made elsewhere (gene, diplotype, phenotype)."""

    day: date
    laboratory: str
    name: str
    vcf: bytes
    people: tuple[str, ...]
    calls: Mapping[str, tuple[tuple[str, str, str], ...]]


def deliveries(
    setting: Setting, people: Sequence[MadeUpPerson], pack: PgxPack, seed: int
) -> tuple[Delivery, ...]:
    """Every arrival about these people, oldest first."""
    found: list[Delivery] = []
    for person in people:
        if person.member is not None and person.member.earlier is not None:
            found.append(_earlier(setting, person, pack))
    for laboratory in setting.laboratories:
        mine = [person for person in people if person.laboratory == laboratory.key]
        for number, batch in enumerate(_batches(mine, laboratory.batch)):
            found.append(_delivery(setting, laboratory, number, batch, pack, seed))
    return tuple(sorted(found, key=lambda each: (each.day, each.name)))


def _batches(people: Sequence[MadeUpPerson], size: int) -> Iterator[list[MadeUpPerson]]:
    """People by the file; whoever's file differs from the others' comes alone."""
    alone = [person for person in people if person.member and (person.member.leave_out or person.member.fail)]
    rest = [person for person in people if person not in alone]
    yield from ([person] for person in alone)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]


def _delivery(
    setting: Setting,
    laboratory: Laboratory,
    number: int,
    batch: Sequence[MadeUpPerson],
    pack: PgxPack,
    seed: int,
) -> Delivery:
    days = (TODAY - laboratory.first_day).days
    member = batch[0].member if len(batch) == 1 else None
    sheet = Sheet(
        sites_of(
            pack,
            _genes(laboratory, batch[0]),
            laboratory.build,
            frozenset() if member is None else member.leave_out,
        ),
        laboratory.build,
        laboratory.name,
        laboratory.phased,
        frozenset() if member is None else member.fail,
    )
    samples = [Sample(each.person, each.sex, each.carried.haplotypes) for each in batch]
    content = write_gvcf(sheet, samples[0]) if laboratory.form == "gvcf" else write_vcf(sheet, samples)
    calls = {each.person: _calls(setting, each, pack, seed) for each in batch}
    return Delivery(
        day=laboratory.first_day + timedelta(days=number * laboratory.days_between % days),
        laboratory=laboratory.name,
        name=f"{laboratory.key}-{number + 1:03d}",
        vcf=content,
        people=tuple(each.person for each in batch),
        calls={person: made for person, made in calls.items() if made} if not laboratory.genes else {},
    )


def _earlier(setting: Setting, person: MadeUpPerson, pack: PgxPack) -> Delivery:
    """The result that came before the one now in force."""
    member = person.member
    if member is None or member.earlier is None:
        raise ValueError(f"{person.person} has no earlier result")
    earlier = member.earlier
    laboratory = setting.laboratory(earlier.laboratory)
    missed = {
        (position.chromosome, position.position)
        for gene in pack.genes.values()
        for position in gene.positions
        if position.rsid in earlier.overlooked
    }
    haplotypes = {
        gene: tuple(_without(strand, missed) for strand in strands)
        for gene, strands in person.carried.haplotypes.items()
    }
    sites = sites_of(pack, _genes(laboratory, person), laboratory.build, earlier.leave_out)
    sheet = Sheet(sites, laboratory.build, laboratory.name, laboratory.phased)
    content = write_vcf(sheet, [Sample(person.person, person.sex, haplotypes)])
    name = f"{laboratory.key}-{person.person}"
    return Delivery(earlier.day, laboratory.name, name, content, (person.person,), {})


def _without(strand: Haplotype, missed: set[tuple[str, int]]) -> Haplotype:
    seen = (change for change in strand.changes if (change.chromosome, change.position) not in missed)
    return Haplotype(strand.gene, tuple(seen))


def _genes(laboratory: Laboratory, person: MadeUpPerson) -> tuple[str, ...]:
    return tuple(
        gene for gene in person.carried.haplotypes if not laboratory.genes or gene in laboratory.genes
    )


def _calls(
    setting: Setting, person: MadeUpPerson, pack: PgxPack, seed: int
) -> tuple[tuple[str, str, str], ...]:
    """Calls made elsewhere: what the cast's story says, else what was drawn, for as many as are tested."""
    told = {} if person.member is None else person.member.outside
    chance = Random(f"bedside-demo-outside/{seed}/{person.person}")  # noqa: S311
    tested = {gene for gene, share in setting.outside.items() if chance.random() < share}
    lines: list[tuple[str, str, str]] = []
    for gene in sorted({*told, *person.carried.alleles}):
        story = told.get(gene)
        if isinstance(story, str):
            lines.append((gene, story, ""))
        elif story is not None:
            lines += [(gene, "", f"{allele} {verdict}") for allele, verdict in story.items()]
        elif gene in tested:
            lines += _drawn(gene, person.carried.alleles[gene])
    return tuple(lines)


def _drawn(gene: str, alleles: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [] if UNLISTED in alleles else [(gene, str(Diplotype(gene, *alleles)), "")]
