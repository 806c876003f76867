"""A house of its own for every test, a clock turned by hand, and small laboratory files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import House, open_house
from bedside.settings import Settings

MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)


class HandClock:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture(scope="session")
def pack() -> PgxPack:
    return load_pgx()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(tmp_path: Path, clock: HandClock, pack: PgxPack) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/store/ledger.db"), pgx=pack, clock=clock)
    yield opened
    opened.close()


Write = Callable[..., Path]


@pytest.fixture
def write_vcf(tmp_path: Path, pack: PgxPack) -> Write:
    """Writes a GRCh38 VCF of some genes: everybody at the reference, but for `{sample: {rsid: genotype}}`.

    The genome's reference is not the usual allele at CYP2C19 rs3758581, so everybody has the usual one there.
    """

    def write(
        name: str,
        people: Mapping[str, Mapping[str, str]],
        genes: tuple[str, ...] = ("CYP2C19",),
        leave_out: tuple[str, ...] = (),
    ) -> Path:
        lines = ["##fileformat=VCFv4.2", "##reference=GRCh38"]
        lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
        lines += [
            "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *people))
        ]
        for gene in genes:
            for at in pack.genes[gene].positions:
                if at.rsid in leave_out or at.extra:
                    continue
                usual = "1/1" if at.rsid == "rs3758581" else "0/0"
                cells = [changed.get(at.rsid, usual) for changed in people.values()]
                fixed = (
                    at.chromosome,
                    str(at.position),
                    at.rsid or ".",
                    at.reference,
                    ",".join(at.alternates),
                )
                lines.append("\t".join((*fixed, ".", "PASS", ".", "GT", *cells)))
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write
