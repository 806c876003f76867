"""Phenotype risk scores of many people at once: how far each chart looks like each disease's profile.

A person's score for a disease is the sum, over the features of its profile that the chart holds, of the log
of how rare the feature is in this house. The residual on age, sex and the number of codes is divided by its
standard deviation, and the tail of each disease's residuals says how often one so high is seen: that is what
diseases are compared by. Everything is sparse blocks of people; people × features is never dense.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
BLOCK = 4096
"""People in a block: about 50 MB of scores."""
TAIL_FROM = 2.0
"""The tail of a disease's residuals begins at so many standard deviations."""
NOBODY = 1e30
"""The spread of a disease whose score is the same for everybody: nobody stands out."""
PULL = 10.0
"""With how many exceedances of all diseases the tail of one is steadied."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known before anybody is looked at; all matrices are CSR of zeros and ones.

    reach: codes × features. profile: diseases × features. diagnosis: diseases × codes, the codes that say the
    disease and therefore never count towards it.
    """

    reach: Any
    profile: Any
    diagnosis: Any


@dataclass(frozen=True, slots=True)
class Charts:
    """People × codes (CSR of zeros and ones), their age in years (NaN unknown), sex (1 female, 0 male, NaN
    unknown) and how many distinct codes each has, understood or not. In the order of the people's ids."""

    codes: Any
    age: Floats
    female: Floats
    count: Floats

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.codes.shape[0])

    def part(self, rows: slice | Ints | Flags) -> Charts:
        """Some of the people."""
        return Charts(self.codes[rows], self.age[rows], self.female[rows], self.count[rows])


@dataclass(frozen=True, slots=True)
class Fit:
    """What a house's own people say: the weight of each feature, and for each disease the line its scores
    follow, their spread and the tail (log of the share beyond TAIL_FROM, mean excess)."""

    shape: Shape
    weight: Floats
    carriers: Floats
    line: Floats
    spread: Floats
    log_share: Floats
    excess: Floats
    weighted: Any

    def surprise(self, residual: Floats, disease: Ints) -> Floats:
        """-log10 of the share of people with such a residual or a higher one, by the tail of the disease."""
        beyond: Floats = self.log_share[disease] - (residual - TAIL_FROM) / self.excess[disease]
        found: Floats = -beyond / np.log(10.0)
        return found

    def residual_at(self, surprise: float) -> Floats:
        """For each disease the residual that is just so surprising."""
        found: Floats = TAIL_FROM + self.excess * (surprise * np.log(10.0) + self.log_share)
        return np.maximum(found, TAIL_FROM)


def covariates(charts: Charts, without: Floats | None = None) -> Floats:
    """People × (one, age, age squared, sex, sex known, log of codes, its square). without: how many codes of
    each are not counted."""
    count = charts.count if without is None else charts.count - without
    age = np.nan_to_num((charts.age - 40.0) / 20.0, nan=0.0)
    known = ~np.isnan(charts.female)
    sex = np.where(known, charts.female, 0.5) - 0.5
    codes = np.log1p(np.maximum(count, 0.0)) - 2.5
    columns = (np.ones_like(age), age, age * age, sex, known.astype(float), codes, codes * codes)
    found: Floats = np.column_stack(columns)
    return found


def features_of(codes: Any, shape: Shape) -> Any:
    """People × features, zeros and ones: what any code of a person reaches."""
    found = (codes @ shape.reach).tocsr()
    found.data = np.ones(found.nnz, dtype=np.float32)
    return narrow(found)


def narrow(matrix: Any) -> Any:
    """The same CSR matrix with 32-bit places where they suffice: half the memory to move."""
    if matrix.nnz < 2**31 and matrix.indices.dtype != np.int32:
        matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return matrix


def blocks(people: int, size: int = BLOCK) -> Iterator[slice]:
    """The blocks of people, in order."""
    for start in range(0, people, size):
        yield slice(start, min(people, start + size))


def fit(charts: Charts, shape: Shape, least_cell: int, tail: Flags) -> Fit:
    """Weights, lines, spreads and tails from one pass and the people of `tail` once more.

    Sums over people of (covariates × features) and (features × features) hold everything that the lines and
    spreads of all diseases need, so that no score has to be made for them.
    """
    features = shape.reach.shape[1]
    moments, pairs = np.zeros((7, 7)), np.zeros((features, features))
    along = np.zeros((7, features))
    for rows in blocks(charts.people, BLOCK * 4):
        part = charts.part(rows)
        held, about = features_of(part.codes, shape), covariates(part)
        moments += about.T @ about
        along += (held.T @ about).T
        pairs += (held.T @ held).toarray()
    carriers = np.diag(pairs).copy()
    weight = np.where(
        carriers > 0, np.log(max(charts.people, 1) / np.maximum(carriers, float(least_cell))), 0.0
    )
    weight = np.maximum(weight, 0.0)
    weighted = (shape.profile @ sparse.diags_array(weight)).tocsr()
    scores = weighted @ along.T
    line = np.linalg.pinv(moments, rcond=1e-10, hermitian=True) @ scores.T
    square = np.asarray((weighted @ pairs) * weighted.toarray()).sum(axis=1)
    left = square - np.einsum("kd,dk->d", line, scores)
    freedom = max(charts.people - 7, 1)
    spread = np.sqrt(np.maximum(left, 0.0) / freedom)
    spread = np.where(spread > 1e-6, spread, NOBODY)
    turned = narrow(weighted.T.tocsr().astype(np.float32))
    bare = Fit(shape, weight, carriers, line, spread, spread, spread, turned)
    return _with_tails(bare, charts.part(np.flatnonzero(tail)))


def _with_tails(bare: Fit, charts: Charts) -> Fit:
    diseases = bare.spread.shape[0]
    count, total = np.zeros(diseases), np.zeros(diseases)
    for rows in blocks(charts.people, BLOCK // 8):
        found = residuals_over(bare, charts.part(rows), np.full(diseases, TAIL_FROM))
        count += np.bincount(found.disease, minlength=diseases)
        total += np.bincount(found.disease, found.value - TAIL_FROM, minlength=diseases)
    usual = max(float(total.sum()) / max(float(count.sum()), 1.0), 1e-3)
    excess = (total + PULL * usual) / (count + PULL)
    log_share = np.log((count + 1.0) / (charts.people + 1.0))
    return Fit(
        bare.shape,
        bare.weight,
        bare.carriers,
        bare.line,
        bare.spread,
        log_share,
        excess,
        bare.weighted,
    )


@dataclass(frozen=True, slots=True)
class Pairs:
    """People (rows of what was asked) with diseases and a value for each."""

    person: Ints
    disease: Ints
    value: Floats

    def where(self, kept: Flags) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.person[kept], self.disease[kept], self.value[kept])


def residuals_over(fitted: Fit, charts: Charts, least: Floats, held: Any = None) -> Pairs:
    """The standardised residuals of people who share a feature with a disease, from `least[disease]` up.

    Pairs whose diagnosis the chart already holds are not among them.
    """
    held = features_of(charts.codes, fitted.shape) if held is None else held
    about = covariates(charts)
    scores = (held @ fitted.weighted).tocsr()
    low, high = about.min(axis=0), about.max(axis=0)
    lowest = np.minimum(fitted.line * low[:, None], fitted.line * high[:, None]).sum(axis=0)
    cut = least * fitted.spread + lowest
    rough = (cut - 1e-3 * (1.0 + np.abs(cut))).astype(np.float32)
    near = np.flatnonzero(scores.data > rough[scores.indices])
    person = np.searchsorted(scores.indptr, near, side="right") - 1
    disease = scores.indices[near].astype(np.int64)
    expected = np.einsum("nk,kn->n", about[person], fitted.line[:, disease])
    value = (scores.data[near].astype(np.float64) - expected) / fitted.spread[disease]
    found = Pairs(person, disease, value).where(value >= least[disease])
    return found.where(~said(charts.codes, fitted.shape, found.person, found.disease))


def said(codes: Any, shape: Shape, person: Ints, disease: Ints) -> Flags:
    """Of each pair whether the person's chart holds a diagnosis code of the disease."""
    if not len(person):
        return np.zeros(0, dtype=bool)
    told = np.unique(disease)
    some = (codes @ shape.diagnosis[told].T).tocsr()
    if some.nnz == 0:
        return np.zeros(len(person), dtype=bool)
    width = len(told)
    some.sort_indices()
    rows = np.repeat(np.arange(some.shape[0], dtype=np.int64), np.diff(some.indptr))
    keys = rows * width + some.indices
    asked = person * width + np.searchsorted(told, disease)
    at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    found: Flags = keys[at] == asked
    return found


def shared(held: Any, shape: Shape, person: Ints, disease: Ints) -> Ints:
    """Of each pair how many features of the disease the person has."""
    found = held[person].multiply(shape.profile[disease]).sum(axis=1)
    return np.asarray(found).ravel().astype(np.int64)


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs scored with the disease's own diagnosis codes taken out: score, residual, surprise, features."""

    score: Floats
    residual: Floats
    surprise: Floats
    features: Ints


def score_pairs(fitted: Fit, charts: Charts, disease: Ints) -> Scored:
    """Each person of `charts` against one disease each, exactly: a diagnosis code of the disease counts
    neither as a feature nor as a code."""
    own = fitted.shape.diagnosis[disease]
    taken = charts.codes.multiply(own).tocsr()
    codes = (charts.codes - taken).tocsr()
    codes.eliminate_zeros()
    held = features_of(codes, fitted.shape)
    common = held.multiply(fitted.shape.profile[disease]).tocsr()
    score = np.asarray(common @ fitted.weight).ravel()
    about = covariates(charts, np.asarray(taken.sum(axis=1)).ravel().astype(float))
    expected = np.einsum("nk,kn->n", about, fitted.line[:, disease])
    residual = (score - expected) / fitted.spread[disease]
    surprise = np.where(residual > TAIL_FROM, fitted.surprise(residual, disease), 0.0)
    return Scored(score, residual, surprise, np.diff(common.indptr).astype(np.int64))


def ones(rows: Sequence[int] | Ints, columns: Sequence[int] | Ints, shape: tuple[int, int]) -> Any:
    """A CSR matrix of ones at these places, each once."""
    made = sparse.csr_array(
        (np.ones(len(rows), dtype=np.float32), (np.asarray(rows, int), np.asarray(columns, int))), shape=shape
    )
    made.sum_duplicates()
    made.data[:] = 1.0
    return narrow(made)
