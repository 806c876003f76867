"""Which questions of an HL7 v2 genomics result take one of a closed list of answers, and which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

NAME = "lri-answers"


@dataclass(frozen=True, slots=True, eq=False)
class LriAnswers:
    """The closed lists by LOINC question. gene, genotype, metabolism: the questions a pharmacogene's result
    is read from. read_as_loinc: local names of LOINC's own code system. findings: a question of a variant →
    what of a reported finding it fills; tells: those that make a group a variant's; ranges: what was looked
    at; overall: the result of the whole study."""

    provenance: Provenance
    gene: str
    genotype: str
    metabolism: str
    lists: Mapping[str, Mapping[str, str]]
    read_as_loinc: frozenset[str]
    findings: Mapping[str, str] = field(default_factory=dict)
    tells: frozenset[str] = frozenset()
    ranges: frozenset[str] = frozenset()
    overall: str = ""

    def coded(self, system: str) -> bool:
        """Whether a code of this system is LOINC's."""
        return system == "LN" or system in self.read_as_loinc

    def by_text(self, question: str, text: str) -> str:
        """The answer code of a text, "" when the question's list has no such answer."""
        wanted = text.strip().casefold()
        found = (code for code, shown in self.lists[question].items() if shown.casefold() == wanted)
        return next(found, "")

    def elsewhere(self, question: str, code: str, text: str) -> bool:
        """Whether an answer that is none of this question's belongs to another's list."""
        return any(
            code in answers or bool(self.by_text(other, text))
            for other, answers in self.lists.items()
            if other != question
        )


@cache
def load_lri_answers(root: Path | None = None) -> LriAnswers:
    """The shipped lists, or a site's own in their place; raises PackError."""
    found = [file for file in rule_files("terminology", root) if file.provenance.name == NAME]
    if not found:
        raise PackError([Problem("terminology", f"{NAME} is not at hand")])
    file = found[-1]
    try:
        codes = file.document["codes"]
        reported = file.document.get("findings", {})
        return LriAnswers(
            file.provenance,
            codes["gene"],
            codes["genotype"],
            codes["metabolism"],
            {question: dict(answers) for question, answers in file.document["answers"].items()},
            frozenset(file.document["read_as_loinc"]),
            dict(reported.get("questions", {})),
            frozenset(reported.get("tells", ())),
            frozenset(reported.get("ranges", ())),
            str(reported.get("overall", "")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise file.fail(f"not lists of answers: {error}") from error
