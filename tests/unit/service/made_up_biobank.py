"""A small biobank of made-up people with genomes in a real lake, and made-up ClinVar releases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions
from bedside.genome.locus import Build
from bedside.genome.person import Person, Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.texts import Texts
from bedside.genome.variant import Variant, parse_variant
from bedside.knowledge.clinvar.keep import add_clinvar, releases_root
from bedside.knowledge.clinvar.read_file import Asked
from bedside.knowledge.clinvar.release import ClinvarRelease, open_release
from bedside.service.accept_genome import Genomes, admit_runs, store_runs, stored_events
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, open_house
from bedside.service.record_consent import record_consent
from bedside.service.register_person import register_person
from bedside.service.withdraw_result import withdraw_result
from bedside.settings import Settings

BRCA2 = "chr13-32338763-A-T"
SAME_KEY = ("chr13-32338763-A-ATACTCTTACATCAG", "chr13-32338763-A-ATAGGGTCTCCCAGT")
"""Two variants whose alleles hash to one key; found by trying."""
MUTYH, MUTYH_TOO = "chr1-45331515-C-T", "chr1-45332803-T-C"
PATHOGENIC, UNCERTAIN = "Pathogenic", "Uncertain_significance"
CONFLICTING = "Conflicting_classifications_of_pathogenicity"
TWO_STARS = "criteria_provided,_multiple_submitters,_no_conflicts"
ONE_STAR, EXPERTS = "criteria_provided,_single_submitter", "reviewed_by_expert_panel"
CONFLICT_STATUS = "criteria_provided,_conflicting_classifications"


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)


@dataclass(frozen=True)
class Record:
    """One record of a made-up release."""

    variant: str
    gene: str
    classification: str = PATHOGENIC
    review: str = TWO_STARS
    consequence: str = "SO:0001587|nonsense"
    variation: int = 0


def biobank(folder: Path) -> House:
    """An empty house with a clock that stands still."""
    return open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"), clock=Clock())


def release(house: House, day: str, records: Iterable[Record]) -> ClinvarRelease:
    """A release, added as a site adds NCBI's file."""
    lines = [
        "##fileformat=VCFv4.1",
        f"##fileDate={day}",
        "##source=ClinVar",
        "##reference=GRCh38",
        '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="">',
        '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="">',
        "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")),
    ]
    for number, record in enumerate(sorted(records, key=lambda one: parse_variant(one.variant)), start=1):
        variant = parse_variant(record.variant)
        number = record.variation or variant.position % 1_000_000
        info = (
            f"ALLELEID={number};CLNDN=made_up;CLNREVSTAT={record.review};CLNSIG={record.classification};"
            f"GENEINFO={record.gene}:1;MC={record.consequence}"
        )
        fixed = (variant.chromosome.removeprefix("chr"), str(variant.position), str(number))
        lines.append("\t".join((*fixed, variant.reference, variant.alternate, ".", ".", info)))
    root = releases_root(house.settings)
    root.mkdir(parents=True, exist_ok=True)
    path = root / f"made-up-{day}.vcf"
    path.write_text("\n".join(lines) + "\n")
    return open_release(add_clinvar(path, root, Asked(day)).folder)


@dataclass(frozen=True)
class Somebody:
    """A made-up person: what they carry as (variant, zygosity) or (variant, zygosity, strand)."""

    person: str
    carries: Sequence[tuple[str, Zygosity] | tuple[str, Zygosity, int]] = ()
    sex: Sex = Sex.FEMALE
    born: date | None = date(1980, 5, 4)
    confirmation: Confirmation = Confirmation.CLINICAL
    more: Sequence[str] = field(default_factory=tuple)


def enrol(house: House, *people: Somebody) -> None:
    """Register people and store their genomes as a delivery does."""
    for one in people:
        register_person(house, Person(one.person, sex=one.sex, birth_date=one.born))
        deliver(house, one, f"r-{one.person}")


def deliver(house: House, one: Somebody, result: str) -> None:
    """Store one more genome of somebody who is registered."""
    payload = {
        "result": result,
        "sample": one.person,
        "documents": [],
        "assay": "",
        "confirmation": one.confirmation.value,
        "observations": {},
    }
    genomes = Genomes({one.person: (genome(one),)}, {})
    runs = store_runs(house, genomes, [(one.person, one.person, result)], one.confirmation)
    now = house.clock()
    house.ledger.append(
        [
            NewEvent(EventKind.RESULT_ACCEPTED, "laboratory", now, one.person, payload, result),
            *stored_events(runs, genomes, "laboratory", now),
        ]
    )
    admit_runs(house)


MEANWHILE: Mapping[str, Callable[[House, str], object]] = {
    "consent withdrawn": lambda house, who: record_consent(house, who, Scope.CLINICAL, Decision.WITHDRAWN),
    "genome erased": lambda house, who: erase_stored_genome(house, who, "asked for it"),
    "result withdrawn": lambda house, who: withdraw_result(house, f"r-{who}", "swapped", actor="laboratory"),
}
"""What can happen to somebody's genome while others are looked at."""


def genome(one: Somebody) -> Genome:
    """The person's genome from an exome."""
    rows = sorted(((parse_variant(variant), *rest) for variant, *rest in one.carries), key=lambda r: r[0].key)
    variants: list[Variant] = [row[0] for row in rows]
    copies = [2 if row[1] is Zygosity.HOMOZYGOUS else 1 for row in rows]
    strands = [row[2] if len(row) > 2 else 0 for row in rows]
    count = len(rows)

    def filled(value: int, kind: type[np.generic]) -> np.ndarray:
        return np.full(count, value, kind)

    return Genome(
        sample=one.person,
        assay=AssayKind.EXOME,
        build=Build.GRCH38,
        evidence=Evidence(
            key=np.array([variant.key for variant in variants], np.int64),
            reference=Texts.of(variant.reference for variant in variants),
            alternate=Texts.of(variant.alternate for variant in variants),
            copies=np.array(copies, np.int8),
            ploidy=np.array([1 if row[1] is Zygosity.HEMIZYGOUS else 2 for row in rows], np.int8),
            missing=filled(0, np.int8),
            strands=np.array(strands, np.int8),
            phase_set=np.array([0 if strand else -1 for strand in strands], np.int32),
            passed=filled(1, np.bool_),
            depth=filled(30, np.int32),
            alternate_depth=filled(15, np.int32),
            quality=filled(60, np.int16),
            line=np.arange(count, dtype=np.int32),
            moved=filled(0, np.bool_),
        ),
        regions=Regions(
            *(np.zeros(0, kind) for kind in (np.int8, np.int32, np.int32, np.int8)),
        ),
        records=count,
    )
