"""Who of the made-up people has a whole genome, and the files their laboratories send of it.

The variants are real ones of the two excerpts of ClinVar; that anybody carries them is made up.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from bedside.demo.cast import FOLDER
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.genome.consent import Stage, stage_of
from bedside.genome.result import Confirmation

CLINVAR = FOLDER / "clinvar"
CONSUMER = "consumer"
_MAJORITY = 18
_AROUND = 60
_LONG = timedelta(days=3 * 365)
"""How long somebody in a child's role stays a child."""


@dataclass(frozen=True, slots=True)
class PublishedVariant:
    """A variant of the excerpts: ClinVar's VariationID, its place and alleles on GRCh38, its gene."""

    id: str
    chromosome: str
    position: int
    reference: str
    alternate: str
    gene: str


@dataclass(frozen=True, slots=True)
class Sequencer:
    """A made-up laboratory that sends exomes: how far its results go, what it sees badly or not at all."""

    key: str
    name: str
    confirmation: Confirmation
    day: date
    share: float
    poorly_seen: frozenset[str]
    leave_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class GenomeRole:
    """What is special about somebody's genome. carries: copies by VariationID; steps and relatives as the
    file gives them."""

    role: str
    story: str
    adult: bool
    laboratory: str
    carries: Mapping[str, int]
    give: tuple[str, ...] = ()
    withdraw: tuple[str, ...] = ()
    by: str = "self"
    steps: tuple[tuple[str, str, str, str], ...] = ()
    problem: tuple[str, ...] = ()
    relatives: tuple[tuple[str, str, str], ...] = ()
    relative_steps: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GenomeSetting:
    """The file `genomes.toml`."""

    first: int
    people: int
    in_force: str
    waiting: str
    screened: tuple[str, ...]
    day_of_release: date
    day_of_consent: date
    day_of_withdrawal: date
    days_of_screening: tuple[date, ...]
    consents: tuple[tuple[float, tuple[str, ...]], ...]
    laboratories: tuple[Sequencer, ...]
    roles: tuple[GenomeRole, ...]


@dataclass(frozen=True, slots=True)
class MadeUpGenome:
    """A made-up person's genome: from which laboratory, the copies of each variant, what they allow."""

    person: str
    laboratory: str
    carries: Mapping[str, int]
    give: tuple[str, ...]
    child: bool
    role: GenomeRole | None = None


def read_genome_setting(folder: Path = FOLDER) -> GenomeSetting:
    """The whole setting of `genomes.toml`."""
    plain = tomllib.loads((folder / "genomes.toml").read_text(encoding="utf-8"))
    return GenomeSetting(
        plain["first"],
        plain["people"],
        plain["release_in_force"],
        plain["release_waiting"],
        tuple(plain["screened"]),
        plain["day_of_release"],
        plain["day_of_consent"],
        plain["day_of_withdrawal"],
        tuple(plain["days_of_screening"]),
        tuple((one["share"], tuple(one["give"])) for one in plain["consents"]),
        tuple(_sequencer(one) for one in plain["laboratories"]),
        tuple(_role(one) for one in plain["roles"]),
    )


def _sequencer(plain: Mapping[str, Any]) -> Sequencer:
    return Sequencer(
        plain["key"],
        plain["name"],
        Confirmation(plain["confirmation"]),
        plain["day"],
        plain["share"],
        frozenset(plain["poorly_seen"]),
        frozenset(plain["leave_out"]),
    )


def _role(plain: Mapping[str, Any]) -> GenomeRole:
    return GenomeRole(
        plain["role"],
        plain["story"],
        plain["age"] == "adult",
        plain["laboratory"],
        plain["carries"],
        tuple(plain["give"]),
        tuple(plain.get("withdraw", ())),
        plain.get("by", "self"),
        tuple(tuple(one) for one in plain.get("steps", ())),
        tuple(plain.get("problem", ())),
        tuple(tuple(one) for one in plain.get("relatives", ())),
        tuple(tuple(one) for one in plain.get("relative_steps", ())),
    )


@lru_cache(maxsize=1)
def published_variants() -> Mapping[str, PublishedVariant]:
    """The variants of the older excerpt by VariationID, in file order."""
    found: dict[str, PublishedVariant] = {}
    newest = read_genome_setting().in_force
    with (CLINVAR / f"clinvar_{newest}.vcf").open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            cells = line.rstrip("\n").split("\t")
            gene = cells[7].partition("GENEINFO=")[2].partition(":")[0]
            found[cells[2]] = PublishedVariant(
                cells[2], f"chr{cells[0]}", int(cells[1]), cells[3], cells[4], gene
            )
    return found


def make_genomes(
    setting: GenomeSetting, population: Sequence[MadeUpPerson], seed: int
) -> tuple[MadeUpGenome, ...]:
    """The genomes of these people: a role for each whose turn it is, a few common changes for everybody."""
    numbered = range(setting.first, setting.first + setting.people)
    waiting, made = list(setting.roles), []
    for person in population:
        number = int(person.person.removeprefix("demo-"))
        if number not in numbered:
            continue
        chance = Random(f"bedside-demo-genome/{seed}/{number}")  # noqa: S311
        adult = _is_adult(person, setting.day_of_consent)
        long_a_child = not _is_adult(person, TODAY + _LONG)
        role = next((one for one in waiting if (adult if one.adult else long_a_child)), None)
        if role is not None:
            waiting.remove(role)
        made.append(_genome(setting, person, role, adult, chance))
    return tuple(made)


def _is_adult(person: MadeUpPerson, on: date) -> bool:
    return stage_of(person.birth_date, on, _MAJORITY) is Stage.ADULT


def _genome(
    setting: GenomeSetting, person: MadeUpPerson, role: GenomeRole | None, adult: bool, chance: Random
) -> MadeUpGenome:
    laboratory = chance.choices(setting.laboratories, [one.share for one in setting.laboratories])[0].key
    give = chance.choices([one for _, one in setting.consents], [share for share, _ in setting.consents])[0]
    variants = published_variants()
    carries = dict.fromkeys(chance.sample(sorted(_common()), 6), 1)
    if role is not None:
        laboratory, give = role.laboratory, role.give
        carries |= role.carries
    carries = {one: carries[one] for one in variants if one in carries}
    return MadeUpGenome(person.person, laboratory, carries, give, not adult, role)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """What anybody may carry besides: changes that both releases hold for benign, one or two uncertain."""
    setting = read_genome_setting()
    classes: dict[str, set[str]] = {}
    for release in (setting.in_force, setting.waiting):
        with (CLINVAR / f"clinvar_{release}.vcf").open(encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    cells = line.split("\t")
                    said = cells[7].partition("CLNSIG=")[2].partition(";")[0]
                    classes.setdefault(cells[2], set()).add(said.strip())
    harmless = {"Benign", "Likely_benign", "Benign/Likely_benign", "Uncertain_significance"}
    return frozenset(one for one, said in classes.items() if said <= harmless)


def covered_bed(laboratory: Sequencer) -> str:
    """Where a laboratory looked: around the variants of the genes it reports, in order, not overlapping."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in published_variants().values():
        if one.gene not in laboratory.leave_out:
            start, end = one.position - 1 - _AROUND, one.position - 1 + len(one.reference) + _AROUND
            spans.setdefault(one.chromosome, []).append((start, end))
    lines = []
    for chromosome in sorted(spans, key=_in_order):
        for start, end in _joined(sorted(spans[chromosome])):
            lines.append(f"{chromosome}\t{start}\t{end}")
    return "\n".join(lines) + "\n"


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    now: tuple[int, int] | None = None
    for start, end in spans:
        if now is None:
            now = (start, end)
        elif start <= now[1]:
            now = (now[0], max(now[1], end))
        else:
            yield now
            now = (start, end)
    if now is not None:
        yield now


def exome_vcf(laboratory: Sequencer, genomes: Sequence[MadeUpGenome], seed: int) -> str:
    """One file of everybody's changes; a place that the laboratory saw badly has no genotype for some."""
    names = [one.person for one in genomes]
    chance = Random(f"bedside-demo-exome/{seed}/{laboratory.key}")  # noqa: S311
    lines = [
        "##fileformat=VCFv4.2",
        f"##source={laboratory.name}",
        "##reference=GRCh38",
        *(f"##contig=<ID={name},assembly=GRCh38>" for name in _chromosomes()),
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depth of each allele">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
        "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names)),
    ]
    seen_badly = _badly_seen(laboratory, chance)
    for one in sorted(published_variants().values(), key=_place):
        copies = [genome.carries.get(one.id, 0) for genome in genomes]
        if one.gene in laboratory.leave_out or not (any(copies) or one.id in seen_badly):
            continue
        cells = [_call(count, one.id in seen_badly, chance) for count in copies]
        fixed = (one.chromosome, str(one.position), ".", one.reference, one.alternate, "999", "PASS", ".")
        lines.append("\t".join((*fixed, "GT:AD:DP:GQ", *cells)))
    return "\n".join(lines) + "\n"


def _chromosomes() -> list[str]:
    return sorted({one.chromosome for one in published_variants().values()}, key=_in_order)


def _badly_seen(laboratory: Sequencer, chance: Random) -> frozenset[str]:
    mine = [one.id for one in published_variants().values() if one.gene in laboratory.poorly_seen]
    return frozenset(chance.sample(mine, min(4, len(mine))))


def _call(copies: int, badly: bool, chance: Random) -> str:
    if badly and not copies:
        return "./.:2,0:2:3"
    depth = chance.randrange(42, 96)
    alternate = {0: 0, 1: depth // 2 + chance.randrange(-4, 5), 2: depth}[copies]
    genotype = ("0/0", "0/1", "1/1")[copies]
    return f"{genotype}:{depth - alternate},{alternate}:{depth}:{99 if depth > 50 else 80}"


def _place(one: PublishedVariant) -> tuple[int, int, str, str]:
    return (_in_order(one.chromosome), one.position, one.reference, one.alternate)


def _in_order(chromosome: str) -> int:
    name = chromosome.removeprefix("chr")
    return int(name) if name.isdigit() else 23
