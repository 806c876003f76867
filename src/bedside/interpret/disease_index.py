"""An index of diseases by feature: how much more often each is seen in a disease than in diseases at
large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bedside.interpret.phenotype_family import Families
from bedside.knowledge.hpo import Hpo
from bedside.knowledge.hpo_annotations import Annotation, Disease, RankingParameters

Real = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]
LEAST_BACKGROUND = 1e-4

Profile = Mapping[int, float]
"""How often a disease shows each term, by the term's place."""


@dataclass(frozen=True)
class DiseaseIndex:
    """Diseases × terms, sparse. ratio[begins[t]:begins[t+1]] are the likelihood ratios of term t for the
    diseases at disease[…]; own_* are the terms annotated to each disease itself, with their frequency.
    information: how rare a term is among diseases (natural logarithm). papers: how many references describe
    each disease. borrowed: diseases that nobody has described, with the features of diseases alike by name or
    gene. own: what each disease shows of its own.
    """

    parameters: RankingParameters
    terms: tuple[str, ...]
    place: Mapping[str, int]
    above: tuple[Places, ...]
    below: tuple[Places, ...]
    diseases: tuple[Disease, ...]
    begins: npt.NDArray[np.int64]
    disease: Places
    ratio: Real
    share: Real
    own_disease: Places
    own_term: Places
    own_share: Real
    information: Real
    papers: Real
    borrowed: frozenset[int]
    own: tuple[Profile, ...]
    families: Families


def profile(
    rows: Iterable[Annotation], place: Mapping[str, int], parameters: RankingParameters, without: str = ""
) -> Profile:
    """How often a disease shows each of its own terms: pooled, and drawn towards the prior where few were
    looked at. without: rows from this reference are left out."""
    found: dict[int, tuple[float, float]] = {}
    for row in rows:
        at = place.get(row.term)
        if at is None or (without and row.reference == without):
            continue
        m, n = found.get(at, (0.0, 0.0))
        if row.found is None or row.among is None:
            found[at] = (m, n)
        else:
            found[at] = (m + row.found, n + row.among)
    return {
        at: parameters.unstated
        if n == 0
        else (m + parameters.prior_n * parameters.prior) / (n + parameters.prior_n)
        for at, (m, n) in found.items()
    }


def build_index(hpo: Hpo, diseases: Sequence[Disease], parameters: RankingParameters) -> DiseaseIndex:
    """The index of diseases."""
    terms = tuple(sorted(hpo.ancestors))
    place = {term: at for at, term in enumerate(terms)}
    above = tuple(np.array(sorted(place[one] for one in hpo.ancestors[term]), np.int32) for term in terms)
    profiles = [profile(one.rows, place, parameters) for one in diseases]
    families = Families(diseases)
    shown, lent = _lent(families, diseases, profiles, profiles)
    closed = [_closed(one, above) for one in profiles]
    background = np.zeros(len(terms))
    for one in closed:
        for at, value in one.items():
            background[at] += value
    background /= max(1, sum(bool(one) for one in profiles))
    closed = [_closed(one, above) if at in lent else closed[at] for at, one in enumerate(shown)]
    tree = (terms, place, above, _below(above))
    return _index(parameters, tree, tuple(diseases), shown, closed, background, lent, families)


def variant_index(index: DiseaseIndex, diseases: Sequence[Disease], without: Sequence[str]) -> DiseaseIndex:
    """An index of other readings of diseases (each without one reference), against the same background."""
    profiles = [
        profile(one.rows, index.place, index.parameters, left)
        for one, left in zip(diseases, without, strict=True)
    ]
    shown, lent = _lent(index.families, diseases, profiles, index.own)
    closed = [_closed(one, index.above) for one in shown]
    background = np.exp(-index.information.astype(np.float64))
    kept = [
        Disease(
            one.id, one.name, tuple(r for r in one.rows if r.reference != left), one.genes, one.inheritance
        )
        for one, left in zip(diseases, without, strict=True)
    ]
    tree = (index.terms, index.place, index.above, index.below)
    made = _index(index.parameters, tree, tuple(kept), shown, closed, background, lent, index.families)
    return replace(made, information=index.information)


def _lent(
    families: Families, diseases: Sequence[Disease], profiles: Sequence[Profile], lenders: Sequence[Profile]
) -> tuple[list[Profile], frozenset[int]]:
    """The profiles, where there is none a borrowed one; and where that is."""
    shown = [
        own or families.borrowed(disease, lenders) for disease, own in zip(diseases, profiles, strict=True)
    ]
    lent = frozenset(at for at, own in enumerate(profiles) if not own and shown[at])
    return shown, lent


def _closed(own: Profile, above: Sequence[Places]) -> dict[int, float]:
    found: dict[int, float] = {}
    for at, value in own.items():
        for one in above[at].tolist():
            if value > found.get(one, 0.0):
                found[one] = value
    return found


Tree = tuple[tuple[str, ...], Mapping[str, int], tuple[Places, ...], tuple[Places, ...]]


def _index(
    parameters: RankingParameters,
    tree: Tree,
    diseases: tuple[Disease, ...],
    profiles: Sequence[Profile],
    closed: Sequence[Mapping[int, float]],
    background: npt.NDArray[np.float64],
    lent: frozenset[int],
    families: Families,
) -> DiseaseIndex:
    terms, place, above, below = tree
    at = np.fromiter((t for one in closed for t in one), np.int32)
    who = np.repeat(np.arange(len(closed), dtype=np.int32), [len(one) for one in closed])
    share = np.fromiter((v for one in closed for v in one.values()), np.float32)
    order = np.lexsort((who, at))
    at, who, share = at[order], who[order], share[order]
    begins = np.searchsorted(at, np.arange(len(terms) + 1)).astype(np.int64)
    ratio = share**parameters.power / np.maximum(background[at], LEAST_BACKGROUND)
    least = 0.5 / max(1, len(diseases))
    own = [(d, t, v) for d, one in enumerate(profiles) for t, v in one.items()]
    return DiseaseIndex(
        parameters,
        terms,
        place,
        above,
        below,
        diseases,
        begins,
        who,
        ratio.astype(np.float32),
        share,
        np.array([one[0] for one in own], np.int32),
        np.array([one[1] for one in own], np.int32),
        np.array([one[2] for one in own], np.float32),
        (-np.log(np.maximum(background, least))).astype(np.float32),
        np.array([len({row.reference for row in one.rows}) for one in diseases], np.float32),
        lent,
        tuple({} if at in lent else one for at, one in enumerate(profiles)),
        families,
    )


def _below(above: Sequence[Places]) -> tuple[Places, ...]:
    every = np.repeat(np.arange(len(above), dtype=np.int32), [len(one) for one in above])
    over = np.concatenate(above) if above else np.zeros(0, np.int32)
    order = np.argsort(over, kind="stable")
    begins = np.searchsorted(over[order], np.arange(len(above) + 1))
    return tuple(every[order[a:b]] for a, b in pairwise(begins.tolist()))
