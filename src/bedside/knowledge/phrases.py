"""The words for every code that guidance is made of, and how far each may reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.pgx import Action, Strength
from bedside.knowledge.populations import Populations, load_populations
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files
from bedside.knowledge.tiers import Tiers, load_tiers


@dataclass(frozen=True, slots=True)
class ActionWords:
    """An action in a headline after the drug's name, and as a sentence with `{drug}` in it. qualified,
    qualified_headline: the same where the guideline says more than the bare action; "" where that changes
    nothing.
    """

    headline: str
    sentence: str
    qualified: str = ""
    qualified_headline: str = ""

    def headline_of(self, qualified: bool) -> str:
        """The headline that holds with or without further advice."""
        return (self.qualified_headline if qualified else "") or self.headline

    def sentence_of(self, qualified: bool) -> str:
        """The sentence that holds with or without further advice."""
        return (self.qualified if qualified else "") or self.sentence


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one language, with the populations they name and the tiers that say how far guidance
    reaches.
    """

    provenance: Provenance
    language: str
    actions: Mapping[Action, ActionWords]
    strengths: Mapping[Strength, str]
    dose: Mapping[str, str]
    dose_basis: Mapping[str, str]
    monitor: Mapping[str, str]
    further: Mapping[str, str]
    words: Mapping[str, str]
    phenotypes: Mapping[str, str]
    populations: Populations
    tiers: Tiers

    def phenotype(self, term: str) -> str:
        """A lookup term in plain words; one that has none is shown as the source writes it."""
        return self.phenotypes.get(term, term)

    def population(self, population: str) -> str:
        """A population in words, "" for everybody."""
        known = self.populations.by_id.get(population)
        return population.replace("_", " ") if known is None else known.words

    def say(self, name: str, **parts: object) -> str:
        """One of the small sentences, with its parts filled in."""
        return self.words[name].format(**parts)


def load_phrases(language: str = "en", root: Path | None = None) -> Phrases:
    """The words of a language, with populations and tiers; a site's own file replaces the shipped one."""
    chosen = [file for file in rule_files("phrases", root) if file.document.get("language") == language]
    if not chosen:
        raise PackError([Problem("phrases", f"no words in language {language!r}")])
    return read_phrases(chosen[-1], load_populations(root), load_tiers(root))


def read_phrases(file: RuleFile, populations: Populations, tiers: Tiers) -> Phrases:
    """The words in a rule file; refused when an action or a strength has none."""
    document = file.document
    missing = [a.value for a in Action if a.value not in document.get("actions", {})]
    missing += [s.value for s in Strength if s.value not in document.get("strengths", {})]
    if missing:
        raise file.fail(f"no words for {', '.join(missing)}")
    try:
        dose = dict(document["dose"])
        basis = dose.pop("basis")
        return Phrases(
            provenance=file.provenance,
            language=document["language"],
            actions={a: ActionWords(**document["actions"][a.value]) for a in Action},
            strengths={s: document["strengths"][s.value] for s in Strength},
            dose=dose,
            dose_basis=basis,
            monitor=document["monitor"],
            further=document["further"],
            words=document["words"],
            phenotypes=document["phenotypes"],
            populations=populations,
            tiers=tiers,
        )
    except (KeyError, TypeError) as error:
        raise file.fail(f"not a file of words: {error} is missing") from error
