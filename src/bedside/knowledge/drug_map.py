"""From what an order says (RxNorm product, brand or ingredient; ATC; text) to ingredients. Small, and says
what it covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.code import Code, System
from bedside.knowledge.pgx import Drug, PgxPack
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.table import Table, parse_table, words

_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class DrugMap:
    """Products by RxNorm code, brands and synonyms by name, and ingredients beyond those of the
    pharmacogenomic release. changing: parts of hyphenated words that make another substance of a name.
    """

    provenance: Provenance
    products: Mapping[str, tuple[str, ...]]
    brands: Mapping[str, tuple[str, ...]]
    ingredients: Mapping[str, Drug]
    covers: str
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    changing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class DrugIndex:
    """A drug map joined with one release's drugs: what an order is looked up in."""

    by_rxnorm: Mapping[str, tuple[Drug, ...]]
    by_atc: Mapping[str, tuple[Drug, ...]]
    by_words: Mapping[tuple[str, ...], tuple[Drug, ...]]
    longest: int
    changing: frozenset[str] = frozenset()

    def find(self, codes: Sequence[Code], text: str = "") -> tuple[Drug, ...]:
        """The ingredients an order names, by RxNorm code, else by ATC code, else by whole words of its text.

        Text is the last resort and only exact: `codeine` is not found in `dihydrocodeine`. Nothing found is
        an empty tuple, which callers must not read as "no guidance".
        """
        for system, table in ((System.RXNORM, self.by_rxnorm), (System.ATC, self.by_atc)):
            found = _several(table.get(code.code, ()) for code in codes if code.system is system)
            if found:
                return found
        return self.in_words(" / ".join([text, *(code.display for code in codes)]))

    def in_words(self, text: str) -> tuple[Drug, ...]:
        """The ingredients whose names, brands or synonyms stand in the text as whole words; a hyphenated word
        that is nobody's name is read by its parts.
        """
        return _several(self._found(tuple(_WORD.findall(text.lower()))))

    def _found(self, spoken: tuple[str, ...]) -> list[tuple[Drug, ...]]:
        found: list[tuple[Drug, ...]] = []
        start = 0
        while start < len(spoken):
            for length in range(min(self.longest, len(spoken) - start), 0, -1):
                drugs = self.by_words.get(spoken[start : start + length])
                if drugs:
                    found.append(drugs)
                    start += length - 1
                    break
            else:
                parts = tuple(spoken[start].split("-"))
                if len(parts) > 1 and self.changing.isdisjoint(parts):
                    found += self._found(parts)
            start += 1
        return found


def _several(found: Iterable[tuple[Drug, ...]]) -> tuple[Drug, ...]:
    return tuple(dict.fromkeys(drug for drugs in found for drug in drugs))


def load_drug_map(root: Path | None = None) -> DrugMap:
    """The shipped map, or a site's own in its place; raises PackError with every problem."""
    *_, chosen = rule_files("drug_map", root)
    return read_drug_map(chosen)


def read_drug_map(file: RuleFile) -> DrugMap:
    """The map that a rule file and its tables make."""
    problems: list[Problem] = []
    products = _table(file, "products", ("rxnorm", "name", "ingredients"), problems)
    brands = _table(file, "brands", ("brand", "ingredients"), problems)
    ingredients = _table(file, "ingredients", ("rxnorm", "name"), problems)
    synonyms: Table | tuple[()] = ()
    if "synonyms" in file.document:
        synonyms = _table(file, "synonyms", ("synonym", "ingredients", "source"), problems)
    if problems:
        raise PackError(problems)
    return DrugMap(
        provenance=file.provenance,
        products={row["rxnorm"]: words(row["ingredients"]) for row in products},
        brands={row["brand"]: words(row["ingredients"]) for row in brands},
        ingredients={row["rxnorm"]: Drug(row["name"], row["rxnorm"]) for row in ingredients},
        covers=str(file.document.get("covers", "")),
        synonyms={row["synonym"]: words(row["ingredients"]) for row in synonyms},
        changing=frozenset(file.document.get("changing", ())),
    )


def _table(file: RuleFile, name: str, columns: tuple[str, ...], problems: list[Problem]) -> Table:
    path = (file.folder or Path()) / str(file.document.get(name, ""))
    if not path.is_file():
        problems.append(Problem(file.label, f"lists no file for {name}", remedy=f'add {name} = "….tsv"'))
        return Table(file.label, ())
    return parse_table(
        f"{file.folder.name if file.folder else ''}/{path.name}", path.read_bytes(), columns, problems
    )


def index_drugs(drug_map: DrugMap, pack: PgxPack) -> DrugIndex:
    """The map and a release's drugs as one index. Ingredients that a product needs and nobody names are left
    out.
    """
    ingredients: dict[str, Drug] = dict(drug_map.ingredients)
    ingredients.update({drug.rxnorm: drug for drug in pack.drugs.values() if drug.rxnorm})
    by_atc: dict[str, tuple[Drug, ...]] = {}
    for drug in pack.drugs.values():
        for code in drug.atc if drug.rxnorm else ():
            by_atc[code] = (*by_atc.get(code, ()), drug)
    by_rxnorm: dict[str, tuple[Drug, ...]] = {code: (drug,) for code, drug in ingredients.items()}
    for code, parts in drug_map.products.items():
        by_rxnorm[code] = tuple(ingredients[part] for part in parts if part in ingredients)
    by_words: dict[tuple[str, ...], tuple[Drug, ...]] = {
        tuple(_WORD.findall(drug.name.lower())): (drug,) for drug in ingredients.values()
    }
    for brand, parts in (*drug_map.brands.items(), *drug_map.synonyms.items()):
        known = tuple(ingredients[part] for part in parts if part in ingredients)
        by_words[tuple(_WORD.findall(brand.lower()))] = known
    longest = max(map(len, by_words), default=0)
    return DrugIndex(by_rxnorm, by_atc, by_words, longest, drug_map.changing)
