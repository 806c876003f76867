"""What a marker answers: contradictions are undetermined, a burden has its interval, HLA is compared by
fields."""

from __future__ import annotations

from bedside.genome.answer import Answer
from bedside.genome.tumour import Marker, Tumour, TumourFinding
from bedside.interpret.tumour.poisson import poisson_interval
from bedside.knowledge.tumour_rule import MarkerAtom

UNSURE = frozenset({"indeterminate", "equivocal", "failed", "unknown", "not assessable"})
_TELLS_SAME = {"msi": ("mmr", {"high": "deficient", "stable": "proficient", "low": "proficient"}),
               "mmr": ("msi", {"deficient": "high", "proficient": "stable"})}  # fmt: skip
_SAME = {
    "low": "stable",
    "mss": "stable",
    "msi-h": "high",
    "msi-high": "high",
    "dmmr": "deficient",
    "pmmr": "proficient",
}
Judged = tuple[Answer, tuple[str, ...], tuple[TumourFinding, ...]]


def judged_marker(atom: MarkerAtom, tumour: Tumour) -> Judged:
    """The answer to a question about a marker, the reason and the findings it rests on."""
    found = tumour.markers(atom.name)
    if not found:
        return Answer.NOT_REPORTED, (f"{atom.name} is not reported",), ()
    if atom.name == "hla":
        return _hla(atom, found)
    answers = {_measured(one, atom) for one in found}
    if len(answers) > 1:
        return Answer.UNDETERMINED, (f"{atom.name}: results contradict one another",), found
    shown = "; ".join(f"{atom.name} {one.value or f'{one.number:g}'}{interval(one)}" for one in found)
    other = _contradiction(found[0], tumour)
    if other:
        return Answer.UNDETERMINED, (f"{shown}, but {other}: two tests contradict one another",), found
    return answers.pop(), (shown,), found


def interval(one: Marker) -> str:
    """Of a mutational burden whose panel's size is known, the interval it stands for; else ""."""
    if one.name != "tmb" or one.number is None or not one.size:
        return ""
    low, high = poisson_interval(round(one.number * one.size))
    return f" (on {one.size:g} Mb: 95% interval {low / one.size:.1f} to {high / one.size:.1f})"


def _measured(one: Marker, atom: MarkerAtom) -> Answer:
    if atom.compare:
        if one.number is None:
            return Answer.UNDETERMINED
        sides = {
            ">=": one.number >= atom.limit,
            "<=": one.number <= atom.limit,
            ">": one.number > atom.limit,
            "<": one.number < atom.limit,
        }
        return _yes(sides[atom.compare])
    said = _plain(one.value)
    if not said or said in UNSURE:
        return Answer.UNDETERMINED
    return _yes(said in {_plain(value) for value in atom.values})


def _contradiction(one: Marker, tumour: Tumour) -> str:
    """Of microsatellites and mismatch repair: the other test, where it says the opposite."""
    if one.name not in _TELLS_SAME:
        return ""
    name, same = _TELLS_SAME[one.name]
    expected = same.get(_plain(one.value))
    for other in tumour.markers(name):
        said = _plain(other.value)
        if expected is not None and said and said not in UNSURE and said != expected:
            return f"{name} {other.value}"
    return ""


def _plain(value: str) -> str:
    word = value.strip().casefold()
    return _SAME.get(word, word)


def _hla(atom: MarkerAtom, found: tuple[Marker, ...]) -> Judged:
    """A person has two alleles: one that is the wanted one is enough. Fewer fields than asked cannot tell."""
    answers = {
        one: max((_allele(one.value, wanted) for wanted in atom.values), key=_RANK.index) for one in found
    }
    best = max(answers.values(), key=_RANK.index)
    deciding = tuple(one for one, answer in answers.items() if answer is best)
    shown = ", ".join(f"hla {one.value}" for one in deciding)
    wanted = "/".join(atom.values)
    same_locus = [one for one in found if one.value.partition("*")[0] == wanted.partition("*")[0]]
    if best is Answer.NO and len(same_locus) < 2:
        why = f"{shown}: fewer than two alleles of the locus of {wanted} are reported"
        return Answer.UNDETERMINED if same_locus else Answer.NOT_REPORTED, (why,), found
    return best, (shown,), deciding


_RANK = (Answer.NO, Answer.UNDETERMINED, Answer.YES)


def _allele(said: str, wanted: str) -> Answer:
    """Whether an allele is the wanted one, by fields: A*02:01:01 is A*02:01; A*02 may be."""
    have, ask = (one.strip().upper().removeprefix("HLA-").rstrip("GP") for one in (said, wanted))
    mine, theirs = have.split(":"), ask.split(":")
    if any(a != b for a, b in zip(mine, theirs, strict=False)):
        return Answer.NO
    return Answer.YES if len(mine) >= len(theirs) else Answer.UNDETERMINED


def _yes(holds: bool) -> Answer:
    return Answer.YES if holds else Answer.NO
