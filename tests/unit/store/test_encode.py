"""The record's words become canonical JSON and come back as the same words."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bedside.genome.assay import Assay
from bedside.genome.diplotype import Diplotype
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import GenotypePattern, OutsideCall, digest
from bedside.genome.state import (
    NOT_TESTED,
    Called,
    Filtered,
    HalfCall,
    NoCall,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit, MissingPosition
from bedside.store.encode import (
    _DECODERS,
    _ENCODERS,
    assay_content,
    call_content,
    canonical,
    decode,
    decode_assay,
    decode_call,
    decode_observation,
    observation_content,
)

text = some.text(some.characters(exclude_categories=["Cs"]), max_size=8)
texts = some.lists(text, max_size=3).map(tuple)
bases = some.lists(some.text("ACGT", min_size=1, max_size=3), min_size=1, max_size=2).map(tuple)
half = some.tuples(some.none() | some.just("A"), some.just("C"))
phase = {"phased": some.booleans(), "phase_set": some.none() | some.integers(1, 9)}
states = some.one_of(
    some.builds(Called, bases, **phase),
    some.builds(Undocumented, bases, **phase),
    some.builds(HalfCall, half, **phase),
    some.builds(ReferenceBlock, some.just("AT"), some.sampled_from([1, 2])),
    some.builds(NoCall, some.sampled_from(Reason)),
    some.builds(Filtered, some.sampled_from(Reason), text),
    some.just(NOT_TESTED),
)
loci = some.builds(
    Locus, some.sampled_from(Build), some.sampled_from(["chr1", "chrX"]), some.integers(1, 10**9)
)
rows = some.lists(some.tuples(loci, states), max_size=5)
patterns = rows.map(
    lambda found: GenotypePattern("GENE1", tuple(at for at, _ in found), tuple(s for _, s in found))
)
observations = patterns | some.builds(OutsideCall, text, text, text, text)
many_loci = some.lists(loci, max_size=4).map(tuple)
assays = some.builds(
    Assay, text, some.none() | some.sampled_from(Build), some.integers(0, 2000), many_loci, many_loci, texts
)
diplotypes = some.builds(Diplotype, some.just("GENE1"), text, some.none() | text)
pairs = some.lists(diplotypes, max_size=2).map(tuple)
missing = some.builds(MissingPosition, text, text, text, some.none() | some.booleans())
kinds = {
    bool: some.booleans(),
    CallSource: some.sampled_from(CallSource),
    tuple[str, ...]: texts,
    tuple[Diplotype, ...]: pairs,
    tuple[MissingPosition, ...]: some.lists(missing, max_size=2).map(tuple),
    tuple[Limit, ...]: some.lists(some.builds(Limit, text, text), max_size=2).map(tuple),
}
fields = {
    name: kinds[kind] for name, kind in get_type_hints(GeneCall).items() if name not in ("gene", "status")
}
calls = some.builds(GeneCall, some.just("GENE1"), some.sampled_from(CallStatus), **fields)


@given(observations)
def test_an_observation_comes_back_the_same(observation):
    content = observation_content(observation)
    assert decode_observation(decode(content.body)) == observation
    assert content.digest == digest(content.body)


@given(assays)
def test_an_assay_comes_back_the_same(assay):
    assert decode_assay(decode(assay_content(assay).body)) == assay


@given(calls)
def test_a_call_comes_back_the_same(call):
    assert decode_call(decode(call_content(call).body)) == call


@given(calls, calls)
def test_two_calls_have_the_same_digest_exactly_when_they_are_equal(one, other):
    assert (call_content(one).digest == call_content(other).digest) is (one == other)


def test_a_field_that_is_added_later_changes_no_digest():
    assert decode(call_content(GeneCall("GENE1", CallStatus.NO_CALL)).body) == {
        "gene": "GENE1",
        "status": "no-call",
    }


def test_every_field_of_a_call_can_be_encoded():
    assert set(get_type_hints(GeneCall).values()) <= set(_ENCODERS) == set(_DECODERS)


def test_canonical_json_has_one_form():
    assert canonical({"b": (1, 2.5), "a": {"é": None}}) == '{"a":{"é":null},"b":[1,2.5]}'.encode()
    with pytest.raises(ValueError, match="a number is not finite"):
        canonical({"a": [float("inf")]})
