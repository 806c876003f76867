"""Whether a statement about a therapy is what the wording of its source says.

One in seventy statements of a leading curated list contradicts the very sentence it quotes: another
tumour, another drug, another gene, a year before the label existed. A machine that looks sees all of that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import rule_files

KIND, NAME = "therapies", "words"
_YEAR = re.compile(r"/label/([0-9]{4})/")
_APPLICATION = re.compile(r"/label/[0-9]{4}/0*([0-9]{5,6})")
_COMBINED = re.compile(
    r"in combination with|as part of a? ?combination|combination (?:regimen|therapy)", re.I
)
_ALONE = re.compile(r"single[- ]agent|monotherapy|alone", re.I)
MOST_YEARS = 4
"""A label is cited by one of its versions; further from the year of the claim than this it is another
claim."""


@dataclass(frozen=True, slots=True)
class Words:
    """How genes and tumours are written. Raises nothing: what is not listed is looked for by its own name."""

    genes: Mapping[str, tuple[str, ...]]
    tumours: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and its quoted wording. genes: every gene or marker the tumour must have, or must not have;
    year: of the claim, "" where none is claimed; url: the document cited; title: its name."""

    name: str
    genes: tuple[str, ...]
    oncotree: str
    drugs: tuple[str, ...]
    year: str
    url: str
    wording: str
    title: str = ""


def load_words(root: Path | None = None) -> Words:
    """The words in force; raises PackError."""
    files = [file for file in rule_files(KIND, root) if file.provenance.name == NAME]
    if not files:
        raise PackError([Problem(f"{KIND}/{NAME}.toml", "no such rule file")])
    tables = [
        {str(key): tuple(map(str, words)) for key, words in files[-1].document.get(part, {}).items()}
        for part in ("gene", "tumour")
    ]
    return Words(*tables)


def faults(one: Statement, words: Words) -> Iterator[str]:
    """Everything in which a statement is not what its wording says."""
    text = f"{one.wording} {one.title}"
    for gene in one.genes:
        if not stands(words.genes.get(gene, (gene,)), text):
            yield f"{gene} is not in the wording"
    named = [drug for drug in one.drugs if stands((drug,), text)]
    if not named:
        yield f"{' + '.join(one.drugs)} is not in the wording"
    elif len(one.drugs) == 1 and _COMBINED.search(one.wording) and not _ALONE.search(one.wording):
        yield "the wording is about a combination, the statement about one drug"
    if not stands(words.tumours.get(one.oncotree, (one.oncotree,)), one.wording):
        yield f"{one.oncotree} is not in the wording"
    cited = cited_year(one.url)
    if one.year and cited is not None and abs(cited - int(one.year)) > MOST_YEARS:
        yield f"is dated {one.year}, and cites a label of {cited}"


def cited_year(url: str) -> int | None:
    """The year that the address of a label names."""
    found = _YEAR.search(url)
    return None if found is None else int(found[1])


def foreign_documents(statements: Sequence[Statement]) -> Mapping[str, str]:
    """Statements that cite the label of another product: their names and why. An application number
    belongs to the drug that most statements citing it are about."""
    drugs: dict[str, Counter[str]] = {}
    for one in statements:
        found = _APPLICATION.search(one.url)
        if found is not None:
            drugs.setdefault(found[1], Counter()).update(drug.casefold() for drug in one.drugs)
    found_out = {}
    for one in statements:
        found = _APPLICATION.search(one.url)
        if found is None:
            continue
        owner, count = drugs[found[1]].most_common(1)[0]
        if count > 1 and owner not in {drug.casefold() for drug in one.drugs}:
            found_out[one.name] = f"cites application {found[1]}, the label of {owner}"
    return found_out


def lint(statements: Sequence[Statement], words: Words) -> Mapping[str, tuple[str, ...]]:
    """The statements at fault, by name, with every reason."""
    elsewhere = foreign_documents(statements)
    found = {}
    for one in statements:
        reasons = [*faults(one, words), *([elsewhere[one.name]] if one.name in elsewhere else [])]
        if reasons:
            found[one.name] = tuple(reasons)
    return found


def stands(words: Iterable[str], text: str) -> bool:
    """Whether one of these words stands in a text; one in capitals only as it is written."""
    return any(
        re.search(rf"(?<![A-Za-z]){re.escape(word)}", text, 0 if word.isupper() else re.I) is not None
        for word in words
    )
