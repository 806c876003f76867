"""ClinVar's words by the terms pack: whole first, then by their parts; an unentered word has no class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bedside.knowledge.classification import Bucket, Classification, bucket_of
from bedside.knowledge.provenance import DATA, RuleFile, read_rule_file

KIND = "clinvar_terms"


@dataclass(frozen=True, slots=True)
class Terms:
    """The pack in force. `label` is how messages name its file."""

    label: str
    sha256: str
    classes: Mapping[str, Classification]
    codes: Mapping[str, str]
    stars_of: Mapping[str, int]
    contradicting: frozenset[Bucket]
    silent: frozenset[Classification]
    order: tuple[Classification, ...]

    def classify(self, raw: str) -> Classification | None:
        """The class of a record's own words, or None when one of them is unknown."""
        whole = self.classes.get(level(raw))
        if whole is not None:
            return whole
        found: set[Classification] = set()
        for part in re.split(r"[|/;]", raw):
            words = [part] if level(part) in self.classes else part.split(",")
            for word in words:
                one = self.classes.get(level(word))
                if one is None:
                    return None
                found.add(one)
        return self._together(found)

    def classify_codes(self, raw: str) -> Classification | None:
        """The class of the numbers of an older layout (`5|255`)."""
        words = [self.codes.get(code.strip()) for code in re.split(r"[|,]", raw)]
        known = [word for word in words if word is not None]
        return self.classify("|".join(known)) if len(known) == len(words) else None

    def stars(self, status: str) -> int | None:
        """The stars a review status earns, or None when it is unknown."""
        return self.stars_of.get(level(status.replace("|", ",")))

    def _together(self, found: set[Classification]) -> Classification:
        spoken = found - self.silent or found
        groups = {bucket_of(one) for one in spoken} & self.contradicting
        if Classification.CONFLICTING in spoken or len(groups) > 1:
            return Classification.CONFLICTING
        judged = {one for one in spoken if bucket_of(one) in groups} or spoken
        if judged <= self.silent:
            return min(judged, key=lambda one: one.number)
        return next(one for one in self.order if one in judged)


def level(words: str) -> str:
    """Words as the pack writes them: lower case, spaces for underscores, `, ` for the commas and dots that
    older files write between the parts of a review status.
    """
    spaced = words.strip().lower().replace("_", " ")
    return re.sub(r"\s*(?:,|\.\.)\s*", ", ", spaced)


def read_terms(path: Path) -> Terms:
    """The terms pack at this path; raises PackError."""
    return _terms(read_rule_file(path, KIND))


@cache
def load_terms() -> Terms:
    """The terms pack that ships."""
    return read_terms(DATA / KIND / "clinvar.toml")


def site_terms(root: Path | None) -> Terms:
    """A site's own terms pack under its root, else the one that ships."""
    own = None if root is None else root / KIND / "clinvar.toml"
    return read_terms(own) if own is not None and own.is_file() else load_terms()


def _terms(file: RuleFile) -> Terms:
    document = file.document
    try:
        joined = document["joined"]
        terms = Terms(
            label=file.label,
            sha256=file.provenance.sha256,
            classes={level(word): Classification(one) for word, one in document["classes"].items()},
            codes={str(code): str(word) for code, word in document["codes"].items()},
            stars_of={level(word): _star(stars) for word, stars in document["stars"].items()},
            contradicting=frozenset(Bucket(one) for one in joined["contradicting"]),
            silent=frozenset(Classification(one) for one in joined["silent"]),
            order=tuple(Classification(one) for one in joined["order"]),
        )
    except KeyError as error:
        raise file.fail(f"{error.args[0]} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise file.fail(str(error), "the classes are those of knowledge/classification.py") from error
    unplaced = set(Classification) - set(terms.order) - terms.silent - {Classification.CONFLICTING}
    if unplaced:
        names = ", ".join(sorted(one.value for one in unplaced))
        raise file.fail(f"order does not place {names}")
    return terms


def _star(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= 4:
        raise ValueError(f"a review earns 0 to 4 stars, not {value!r}")
    return value
