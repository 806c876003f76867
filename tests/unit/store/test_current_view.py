"""A person's genes over several results: the newest usable answer is in force, contradictions are never
hidden."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bedside.genome.diplotype import Diplotype
from bedside.genome.locus import Build, Locus
from bedside.genome.observation import GenotypePattern
from bedside.genome.record import HeldResult
from bedside.genome.result import Confirmation
from bedside.genome.state import NOT_TESTED, Called
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.store.current_view import CONFIRM, RESULTS_CONFLICT, RESULTS_DIFFER, Current, merge

DAY = datetime(2026, 1, 1, tzinfo=UTC)
LOCI = (Locus(Build.GRCH38, "chr1", 10), Locus(Build.GRCH38, "chr1", 20))


def call(status=CallStatus.CALLED, diplotype="*1/*1", phenotype="Normal", gene="GENE1") -> GeneCall:
    if status is not CallStatus.CALLED:
        return GeneCall(gene, status)
    pair = (Diplotype(gene, *diplotype.split("/")),)
    return GeneCall(
        gene,
        status,
        CallSource.MATCHER,
        source_diplotypes=pair,
        recommendation_diplotypes=pair,
        phenotypes=(phenotype,),
        lookup_keys=(phenotype,),
    )


NORMAL, POOR = call(), call(diplotype="*2/*2", phenotype="Poor")
NO_CALL = call(CallStatus.NO_CALL)
CALLS = {"normal": NORMAL, "poor": POOR, "none": NO_CALL, "other": call(gene="GENE2")}


def result(day: int, observed: str = "", confirmation=Confirmation.CLINICAL, **calls: str) -> HeldResult:
    at = DAY + timedelta(days=day)
    observations = {"GENE1": (observed,)} if observed else {}
    return HeldResult(
        f"r-{day}",
        "p",
        "s",
        "",
        ("d",),
        "a",
        confirmation,
        observations,
        at,
        at,
        (at, day),
        calls,
        "cpic@1#a",
    )


def never(digests):
    raise AssertionError("results agree, so nobody needs the observations")


def seen(**patterns: tuple[str, ...]):
    """Observations by digest: at each position one homozygous base, or "" for not tested."""
    states = {
        name: tuple(Called((base, base)) if base else NOT_TESTED for base in bases)
        for name, bases in patterns.items()
    }
    return lambda digests: {name: GenotypePattern("GENE1", LOCI, states[name]) for name in digests}


def test_one_result_speaks_for_itself():
    only = result(0, GENE1="none", GENE2="other")
    assert merge([only], CALLS, never) == {
        "GENE1": Current(NO_CALL, only),
        "GENE2": Current(CALLS["other"], only),
    }


def test_what_only_an_older_result_tested_stays_visible_from_there():
    older, newer = result(0, GENE1="poor", GENE2="other"), result(1, GENE1="poor")
    view = merge([older, newer], CALLS, never)
    assert view == {
        "GENE1": Current(POOR, newer, ((older, POOR),)),
        "GENE2": Current(CALLS["other"], older),
    }


def test_a_newer_result_without_a_call_does_not_hide_an_older_call():
    older, newer = result(0, GENE1="poor"), result(1, GENE1="none")
    assert merge([older, newer], CALLS, never)["GENE1"] == Current(POOR, older, ((newer, NO_CALL),))


def test_two_results_that_lead_to_different_guidance_are_not_chosen_between():
    older, newer = result(0, "saw-c", GENE1="poor"), result(1, "saw-a", GENE1="normal")
    current = merge([older, newer], CALLS, seen(**{"saw-c": ("C", ""), "saw-a": ("A", "")}))["GENE1"]
    expected = replace(
        NORMAL,
        source_diplotypes=NORMAL.source_diplotypes + POOR.source_diplotypes,
        recommendation_diplotypes=NORMAL.recommendation_diplotypes + POOR.recommendation_diplotypes,
        phenotypes=("Normal", "Poor"),
        lookup_keys=("Normal", "Poor"),
        warnings=(RESULTS_CONFLICT,),
        settle_with=(CONFIRM,),
    )
    assert current == Current(expected, newer, ((older, POOR),), conflict=True)
    assert current.call.lookup_key is None


def test_a_newer_result_that_saw_all_the_older_one_saw_and_more_supersedes_it():
    older, newer = result(0, "narrow", GENE1="normal"), result(1, "wide", GENE1="poor")
    current = merge([older, newer], CALLS, seen(narrow=("A", ""), wide=("A", "C")))["GENE1"]
    assert current == Current(POOR, newer, ((older, NORMAL),))


def test_a_newer_result_that_saw_less_does_not_supersede_a_different_older_one():
    older, newer = result(0, "wide", GENE1="poor"), result(1, "narrow", GENE1="normal")
    assert merge([older, newer], CALLS, seen(narrow=("A", ""), wide=("A", "C")))["GENE1"].conflict


def test_laboratories_that_name_other_alleles_with_the_same_meaning_agree_and_say_so():
    same = call(diplotype="*2/*3", phenotype="Poor")
    older, newer = result(0, GENE1="poor"), result(1, GENE1="same")
    current = merge([older, newer], {**CALLS, "same": same}, never)["GENE1"]
    assert current == Current(replace(same, warnings=(RESULTS_DIFFER,)), newer, ((older, POOR),))


def test_a_withdrawn_result_counts_no_longer():
    older, newer = result(0, GENE1="poor"), replace(result(1, GENE1="normal"), withdrawn="wrong tube")
    assert merge([older, newer], CALLS, never) == {"GENE1": Current(POOR, older)}


def test_what_is_not_confirmed_for_clinical_use_never_enters_the_view():
    consumer = result(1, confirmation=Confirmation.UNCONFIRMED, GENE1="normal")
    assert merge([consumer], CALLS, never) == {}
    assert merge([result(0, GENE1="poor"), consumer], CALLS, never)["GENE1"].call == POOR
