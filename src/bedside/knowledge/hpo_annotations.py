"""Which disease shows which feature how often: HPO's annotation file, with what Orphanet says joined to
OMIM's.

The file is read as published. Rows of an Orphanet disease are added to the OMIM disease that Mondo holds
to be the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.hpo import GENES, HPOA, Hpo, read_text, release_folder
from bedside.knowledge.provenance import Provenance, rule_files

KIND, RANKING = "phenotype_ranking", "ranking"
WORDS = {
    "HP:0040280": 1.0, "HP:0040281": 0.9, "HP:0040282": 0.55, "HP:0040283": 0.17, "HP:0040284": 0.025,
    "HP:0040285": 0.0,
}  # fmt: skip
"""HPO's words of frequency as shares: the middle of the stretch that each stands for."""
WORDS_OF = 10.0
"""A word or a percentage counts as a share of so many people."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One row: a term, in how many of how many (None: not stated), and where it is from."""

    term: str
    found: float | None
    among: float | None
    reference: str


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease and everything annotated to it. genes: symbols; inheritance: HPO ids of modes."""

    id: str
    name: str
    rows: tuple[Annotation, ...]
    genes: tuple[str, ...] = ()
    inheritance: tuple[str, ...] = ()


@dataclass(frozen=True)
class Annotations:
    """The diseases of a release by id. release: what every answer names."""

    release: str
    diseases: Mapping[str, Disease]


@dataclass(frozen=True, slots=True)
class RankingParameters:
    """The numbers of ranking.toml; the file says what each does."""

    provenance: Provenance
    prior_n: float
    prior: float
    unstated: float
    power: float
    back_off: float
    floor: float
    reverse: float
    described: float
    excluded: float
    excluded_most: float
    temperature: float
    same: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)


def load_ranking_parameters(root: Path | None = None) -> RankingParameters:
    """The parameters in force, with which Orphanet diseases are which OMIM diseases; raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == RANKING]
    if not found:
        raise PackError([Problem(f"{KIND}/{RANKING}.toml", "no such rule file")])
    file = found[-1]
    names = [
        name for name in RankingParameters.__dataclass_fields__ if name not in ("provenance", "same", "named")
    ]
    wrong = [name for name in names if not isinstance(file.document.get(name), int | float)]
    if wrong:
        raise file.fail(f"{', '.join(wrong)} must be numbers")
    path = (file.folder or Path()) / "mondo_pairs.tsv"
    same: dict[str, tuple[str, ...]] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            omim, _, orphanet = line.partition("\t")
            same[orphanet] = (*same.get(orphanet, ()), omim)
    named: dict[str, str] = {}
    path = (file.folder or Path()) / "mondo_names.tsv"
    if path.is_file():
        named = dict(line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines()[1:])
    numbers = {name: float(file.document[name]) for name in names}
    return RankingParameters(provenance=file.provenance, same=same, named=named, **numbers)


def load_annotations(
    hpo: Hpo,
    folder: Path | None = None,
    same: Mapping[str, tuple[str, ...]] | None = None,
    named: Mapping[str, str] | None = None,
) -> Annotations:
    """The annotations of a release: diseases of OMIM (and DECIPHER), with the rows of Orphanet's same
    diseases. named: diseases with a name and no annotation, to be had too. Raises PackError naming the first
    line that cannot be read."""
    folder = folder or release_folder()
    names: dict[str, str] = {}
    rows: dict[str, list[Annotation]] = {}
    modes: dict[str, list[str]] = {}
    version = ""
    for number, cells in _table(folder):
        if number == 0:
            version = cells[0]
            continue
        disease, name, qualifier, term, reference, _, _, frequency, _, _, aspect = cells[:11]
        names.setdefault(disease, name)
        if aspect == "I":
            modes.setdefault(disease, []).append(term)
        found = hpo.term(term) if aspect == "P" and qualifier != "NOT" else None
        if found is not None:
            rows.setdefault(disease, []).append(_annotation(found.id, frequency, reference, number))
    for orphanet, omim in (same or {}).items():
        for one in omim:
            if one in names and orphanet in rows:
                rows.setdefault(one, []).extend(rows[orphanet])
    genes = _genes(folder)
    diseases = {
        one: Disease(
            one, name, tuple(rows[one]), tuple(sorted(genes.get(one, ()))), tuple(modes.get(one, ()))
        )
        for one, name in names.items()
        if one in rows and not one.startswith("ORPHA:")
    }
    for one, name in (named or {}).items():
        if one not in diseases:
            diseases[one] = Disease(one, name, (), tuple(sorted(genes.get(one, ()))))
    return Annotations(f"HPOA {version or hpo.version}", diseases)


def _table(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows with their line numbers; as line 0 the version that the file states."""
    head = True
    for number, line in enumerate(read_text(folder, HPOA), 1):
        if line.startswith("#version:") or line.startswith("#date:"):
            yield 0, [line.partition(":")[2].strip()]
        if line.startswith("#"):
            continue
        if head:
            head = False
            continue
        cells = line.rstrip("\n").split("\t")
        if len(cells) < 11:
            raise PackError([Problem(HPOA, f"has {len(cells)} columns, not 12", number)])
        yield number, cells


def _annotation(term: str, frequency: str, reference: str, line: int) -> Annotation:
    if not frequency:
        return Annotation(term, None, None, reference)
    if frequency in WORDS:
        return Annotation(term, WORDS[frequency] * WORDS_OF, WORDS_OF, reference)
    try:
        if "/" in frequency:
            found, _, among = frequency.partition("/")
            return Annotation(term, float(found), float(among), reference)
        if frequency.endswith("%"):
            return Annotation(term, float(frequency[:-1]) / 100 * WORDS_OF, WORDS_OF, reference)
    except ValueError:
        pass
    raise PackError([Problem(HPOA, f"{frequency!r} is no frequency known here", line)])


def _genes(folder: Path) -> Mapping[str, set[str]]:
    for name in GENES:
        if (folder / name).is_file() or (folder / f"{name}.gz").is_file():
            found: dict[str, set[str]] = {}
            wide = name.startswith("genes_to")
            for line in read_text(folder, name):
                cells = line.rstrip("\n").split("\t")
                gene, disease = (cells[1], cells[5]) if wide and len(cells) > 5 else (cells[0], cells[1])
                found.setdefault(disease, set()).add(gene)
            return found
    raise PackError([Problem(folder.name, f"holds none of {', '.join(GENES)}")])
