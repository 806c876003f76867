"""The four gates: who is told of what, who is not, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedside.genome.consent import Consent, Decision, Said, Scope
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import parse_variant
from bedside.interpret.germline.mechanism_gate import in_trans
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, Gate, Outcome, ReasonCode, Subject
from bedside.knowledge.classification import Classification
from bedside.knowledge.findings_panel import AgeUnknown, Blocked
from bedside.knowledge.findings_reader import load_panel
from tests.unit.interpret.germline.people import CHILD, MAN, WOMAN, carried, record

SF = load_panel("acmg-sf")
BRCA = "chr17-43045682-T-TG"
C282Y = "chr6-26092913-G-A"
HOM, HEMI = Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS


def said(*people: Carried, subject: Subject = WOMAN) -> list[tuple[str, str]]:
    return [(one.outcome.value, one.reason.value) for one in screen(SF, people, subject)]


def test_a_two_star_pathogenic_variant_is_reported_with_every_gate_it_passed() -> None:
    (answer,) = screen(SF, [carried(record(BRCA, "BRCA1", stars=3, variation_id=17677))], WOMAN)
    assert (answer.outcome, answer.gate, answer.reason) == (
        Outcome.REPORT,
        Gate.MECHANISM,
        ReasonCode.REPORTABLE,
    )
    assert answer.passed == (
        (Gate.ALLELE, ReasonCode.ALLELE_MATCH),
        (Gate.CLASSIFICATION, ReasonCode.PATHOGENIC),
        (Gate.MECHANISM, ReasonCode.FITS_MECHANISM),
        (Gate.MECHANISM, ReasonCode.REPORTABLE),
        (Gate.RETURN, ReasonCode.RETURNABLE),
    )
    assert answer.evidence[0] == ("ClinVar VariationID 17677: pathogenic (made up), clinvar@2026-01-01")


@pytest.mark.parametrize(
    ("classification", "stars", "outcome", "reason"),
    [
        (Classification.LIKELY_PATHOGENIC, 4, "report", "reportable"),
        (Classification.PATHOGENIC, 1, "review", "one-star"),
        (Classification.PATHOGENIC, 0, "no-action", "zero-star"),
        (Classification.PATHOGENIC_LOW_PENETRANCE, 2, "review", "low-penetrance"),
        (Classification.CONFLICTING, 4, "hold", "conflict"),
        (Classification.UNCERTAIN, 2, "no-action", "uncertain"),
        (Classification.BENIGN, 2, "no-action", "benign"),
        (Classification.ESTABLISHED_RISK_ALLELE, 2, "no-action", "risk-allele"),
        (Classification.OTHER, 2, "hold", "unknown-term"),
        (Classification.DRUG_RESPONSE, 3, "no-action", "not-about-disease"),
        (Classification.NOT_PROVIDED, 2, "no-action", "not-classified"),
    ],
)
def test_what_a_class_and_its_stars_lead_to(
    classification: Classification, stars: int, outcome: str, reason: str
) -> None:
    assert said(carried(record(BRCA, "BRCA1", classification, stars))) == [(outcome, reason)]


def test_conflicting_classifications_of_pathogenicity_is_no_pathogenic_variant() -> None:
    """A public list matched the word "pathogenic" inside it."""
    assert said(carried(record(BRCA, "BRCA1", Classification.CONFLICTING, 2))) == [("hold", "conflict")]


def test_two_records_of_one_allele_that_disagree_are_held() -> None:
    benign = record(BRCA, "BRCA1", Classification.BENIGN, 2, variation_id=2)
    assert said(carried(record(BRCA, "BRCA1"), benign)) == [("hold", "records-disagree")]


def test_a_record_that_states_no_class_does_not_hide_one_that_does() -> None:
    silent = record(BRCA, "BRCA1", Classification.NOT_PROVIDED, 0, variation_id=2)
    assert said(carried(silent, record(BRCA, "BRCA1"))) == [("report", "reportable")]


def test_hfe_c282y_homozygotes_are_found_though_clinvar_called_it_conflicting_in_2016() -> None:
    for classification in (Classification.CONFLICTING, Classification.BENIGN, Classification.RISK_FACTOR):
        person = carried(record(C282Y, "HFE", classification, 1), zygosity=HOM)
        assert said(person) == [("report", "biallelic-hom")]


def test_hfe_c282y_needs_no_record_at_all() -> None:
    person = Carried(parse_variant(C282Y), HOM, None, 3, (), Confirmation.CLINICAL)
    assert said(person) == [("report", "biallelic-hom")]


def test_an_hfe_compound_heterozygote_with_h63d_is_not_reported() -> None:
    h63d = carried(record("chr6-26090951-C-G", "HFE", Classification.PATHOGENIC, 2))
    c282y = carried(record(C282Y, "HFE"))
    assert said(h63d, c282y) == [("no-action", "not-the-named-variant"), ("no-action", "carrier-only")]


@pytest.mark.parametrize("gene", ["PCSK9", "APOB"])
def test_a_truncation_that_lowers_ldl_is_not_familial_hypercholesterolaemia(gene: str) -> None:
    """PCSK9 p.Cys679Ter carriers in UK Biobank have an LDL of 2.65 against 3.77 mmol/L."""
    stop = record("chr1-55063542-C-A", gene, Classification.PATHOGENIC, 2, ("SO:0001587",))
    assert said(carried(stop)) == [("no-action", "protective-direction")]


def test_a_loss_of_function_in_a_gene_of_gain_of_function_goes_to_a_person() -> None:
    """Reported as found by a tool without a mechanism check: RYR1, MYH7, RET."""
    stops = [
        carried(record(place, gene, consequences=("SO:0001587",)))
        for gene, place in (("RYR1", "chr19-38433900-C-T"), ("MYH7", "chr14-23412740-G-A"))
    ]
    assert set(said(*stops)) == {("review", "mechanism-unproven")}


def test_two_unphased_variants_of_a_recessive_gene_are_never_called_biallelic() -> None:
    pair = [carried(record(place, "MUTYH")) for place in ("chr1-45331220-G-A", "chr1-45332803-T-C")]
    (answer,) = screen(SF, pair, WOMAN)
    assert (answer.outcome, answer.reason) == (Outcome.REVIEW, ReasonCode.PHASE_UNKNOWN)
    assert [str(one) for one in answer.variants] == ["chr1-45331220-G-A", "chr1-45332803-T-C"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((7, 1), (7, 2), ("report", "biallelic-in-trans")),
        ((0, 2), (0, 1), ("report", "biallelic-in-trans")),
        ((7, 1), (7, 1), ("no-action", "in-cis")),
        ((7, 1), (8, 2), ("review", "phase-unknown")),
        ((7, 1), None, ("review", "phase-unknown")),
        ((7, 1), (7, 3), ("review", "phase-unknown")),
    ],
)
def test_phase_is_told_inside_one_phase_set_only(
    first: tuple[int, int], second: tuple[int, int] | None, expected: tuple[str, str]
) -> None:
    pair = [
        carried(record("chr1-45331220-G-A", "MUTYH"), phase=first),
        carried(record("chr1-45332803-T-C", "MUTYH"), phase=second),
    ]
    assert said(*pair) == [expected]


def test_a_one_star_variant_beside_a_homozygote_does_not_join_the_report() -> None:
    """What is told would else name, with one star, a variant that only a person may pass."""
    people = (
        carried(record("chr1-45331220-G-A", "MUTYH"), zygosity=HOM),
        carried(record("chr1-45332803-T-C", "MUTYH", stars=1)),
    )
    assert [(list(map(str, a.variants)), a.outcome.value, a.stars) for a in screen(SF, people, WOMAN)] == [
        (["chr1-45331220-G-A"], "report", 2),
        (["chr1-45332803-T-C"], "review", 1),
    ]


@pytest.mark.parametrize("source", [Confirmation.UNCONFIRMED, Confirmation.RESEARCH])
def test_what_nobody_confirmed_does_not_hold_back_what_a_clinical_laboratory_found(
    source: Confirmation,
) -> None:
    """A consumer's file with one more variant of the gene would else silence the finding."""
    people = (
        carried(record("chr1-45331220-G-A", "MUTYH"), zygosity=HOM),
        carried(record("chr1-45332803-T-C", "MUTYH"), confirmation=source),
    )
    first, second = screen(SF, people, WOMAN)
    assert (first.outcome, first.reason) == (Outcome.REPORT, ReasonCode.BIALLELIC_HOM)
    assert (
        second.outcome
        is {
            Confirmation.RESEARCH: Outcome.REVIEW,
            Confirmation.UNCONFIRMED: Outcome.HOLD,
        }[source]
    )


def test_what_a_person_must_judge_is_not_held_for_a_file_that_nobody_confirmed() -> None:
    people = (
        carried(record("chr1-45331220-G-A", "MUTYH", stars=1), zygosity=HOM),
        carried(record("chr1-45332803-T-C", "MUTYH"), confirmation=Confirmation.UNCONFIRMED),
    )
    assert said(*people) == [("review", "one-star"), ("hold", "unconfirmed")]


def test_a_research_variant_in_trans_with_a_clinical_one_asks_for_a_clinical_laboratory() -> None:
    people = (
        carried(record("chr1-45331220-G-A", "MUTYH"), phase=(7, 1)),
        carried(record("chr1-45332803-T-C", "MUTYH"), phase=(7, 2), confirmation=Confirmation.RESEARCH),
    )
    assert said(*people) == [("review", "research-needs-confirmation")]


def test_an_answer_tells_how_far_its_least_sure_variant_may_go_whatever_decided() -> None:
    """One star decides first; that the sample is a research one must not be lost behind it."""
    (answer,) = screen(
        SF, [carried(record(BRCA, "BRCA1", stars=1), confirmation=Confirmation.RESEARCH)], WOMAN
    )
    assert (answer.reason, answer.confirmation) == (ReasonCode.ONE_STAR, Confirmation.RESEARCH)
    pair = [
        carried(record("chr1-45331220-G-A", "MUTYH")),
        carried(record("chr1-45332803-T-C", "MUTYH"), confirmation=Confirmation.RESEARCH),
    ]
    assert [one.confirmation for one in screen(SF, pair, WOMAN)] == [Confirmation.RESEARCH]


def test_a_carrier_whose_other_variant_is_in_conflict_is_held_with_it_and_is_no_mere_carrier() -> None:
    known = record("chr1-45331220-G-A", "MUTYH")
    other = record("chr1-45332803-T-C", "MUTYH", Classification.CONFLICTING)
    assert said(carried(known), carried(other)) == [("hold", "conflict"), ("hold", "conflict")]
    cis = carried(known, phase=(7, 1)), carried(other, phase=(7, 1))
    assert said(*cis) == [("no-action", "carrier-only"), ("hold", "conflict")]
    assert said(carried(known), carried(record("chr1-45332803-T-C", "MUTYH", Classification.UNCERTAIN))) == [
        ("no-action", "carrier-only"),
        ("no-action", "uncertain"),
    ]


def test_phase_along_one_chromosome_says_nothing_of_another() -> None:
    """0 stands for the whole chromosome on both, as in a file that is phased throughout."""
    first = carried(record("chrX-601000-G-A", "SHOX"), phase=(0, 1))
    second = carried(record("chrY-601000-G-A", "SHOX"), phase=(0, 2))
    assert in_trans(first, second) is None


def test_a_variant_named_for_one_gene_names_nothing_in_another() -> None:
    """C282Y homozygotes are looked for in HFE, whatever other gene a record puts the allele in."""
    elsewhere = carried(record(C282Y, "PCSK9", consequences=("SO:0001583",)), zygosity=HOM)
    found = {one.gene: (one.outcome.value, one.reason.value) for one in screen(SF, [elsewhere], WOMAN)}
    assert found == {"HFE": ("report", "biallelic-hom"), "PCSK9": ("review", "mechanism-unproven")}


def test_one_homozygote_is_two_copies() -> None:
    """A public implementation counted a homozygote as one variant."""
    assert said(carried(record("chr1-45331220-G-A", "MUTYH"), zygosity=HOM)) == [("report", "biallelic-hom")]


def test_a_pair_in_trans_of_which_one_has_a_single_star_goes_to_a_person() -> None:
    pair = [
        carried(record("chr1-45331220-G-A", "MUTYH"), phase=(7, 1)),
        carried(record("chr1-45332803-T-C", "MUTYH", stars=1), phase=(7, 2)),
    ]
    (answer,) = screen(SF, pair, WOMAN)
    assert (answer.outcome, answer.reason, answer.stars) == (Outcome.REVIEW, ReasonCode.ONE_STAR, 1)


@pytest.mark.parametrize("gene", ["CASQ2", "TRDN"])
def test_casq2_and_trdn_are_recessive(gene: str) -> None:
    assert set(said(carried(record("chr6-123549146-G-A", gene)))) == {("no-action", "carrier-only")}


def test_sex_decides_on_the_x_chromosome() -> None:
    adrenoleukodystrophy = record("chrX-153725844-C-T", "ABCD1")
    fabry = record("chrX-101398942-G-A", "GLA")
    nobody = replace(WOMAN, sex=Sex.UNKNOWN)
    assert said(carried(adrenoleukodystrophy, zygosity=HEMI), subject=MAN) == [("report", "hemizygous")]
    assert said(carried(adrenoleukodystrophy)) == [("no-action", "carrier-only")]
    assert said(carried(adrenoleukodystrophy), subject=nobody) == [("review", "sex-unknown")]
    assert said(carried(adrenoleukodystrophy, zygosity=HEMI), subject=nobody) == [("report", "hemizygous")]
    assert said(carried(adrenoleukodystrophy, zygosity=HOM), subject=nobody) == [("report", "biallelic-hom")]
    assert said(carried(fabry)) == [("report", "heterozygous-x-linked")]
    assert said(carried(fabry, zygosity=HOM), subject=MAN) == [("report", "hemizygous")]
    assert said(carried(fabry), subject=MAN) == [("review", "implausible-zygosity")]


def test_adult_onset_disease_waits_for_majority_and_childhood_disease_does_not() -> None:
    hboc = carried(record(BRCA, "BRCA1"))
    retinoblastoma = carried(record("chr13-48342715-C-T", "RB1"))
    assert said(hboc, retinoblastoma, subject=CHILD) == [
        ("hold", "adult-onset-minor"),
        ("report", "reportable"),
    ]
    assert said(hboc, subject=replace(CHILD, age=17)) == [("hold", "adult-onset-minor")]
    assert said(hboc, subject=replace(CHILD, age=18)) == [("report", "reportable")]
    assert said(hboc, subject=replace(CHILD, age=None)) == [("report", "reportable")]
    assert said(hboc, subject=replace(WOMAN, majority=False)) == [("hold", "adult-onset-minor")]


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (AgeUnknown.HOLD, ("hold", "age-unknown")),
        (AgeUnknown.REVIEW, ("review", "age-unknown")),
        (AgeUnknown.REPORT, ("report", "reportable")),
    ],
)
def test_a_site_says_what_becomes_of_an_adult_onset_finding_where_the_age_is_not_known(
    policy: AgeUnknown, answer: tuple[str, str]
) -> None:
    panel = replace(SF, policy=replace(SF.policy, age_unknown=policy))
    hboc = carried(record(BRCA, "BRCA1"))
    nobody = replace(CHILD, age=None)
    assert [(one.outcome.value, one.reason.value) for one in screen(panel, [hboc], nobody)] == [answer]
    (child,) = screen(panel, [hboc], CHILD)
    assert child.reason.value == "adult-onset-minor"


def test_consent_is_asked_for_and_a_withdrawal_ends_it() -> None:
    asked_nothing = replace(WOMAN, consent=Consent("nobody"))
    withdrawn = replace(WOMAN, consent=Consent("nobody", {Scope.CLINICAL: Said(Decision.WITHDRAWN)}))
    hboc = carried(record(BRCA, "BRCA1"))
    assert said(hboc, subject=asked_nothing) == [("hold", "consent-missing")]
    assert said(hboc, subject=withdrawn) == [("no-action", "consent-withdrawn")]


def test_a_finding_held_for_a_conflict_is_dropped_when_consent_is_withdrawn() -> None:
    withdrawn = replace(WOMAN, consent=Consent("nobody", {Scope.CLINICAL: Said(Decision.WITHDRAWN)}))
    conflict = carried(record(BRCA, "BRCA1", Classification.CONFLICTING))
    assert said(conflict, subject=withdrawn) == [("no-action", "consent-withdrawn")]


def test_what_no_clinical_laboratory_confirmed_is_not_reported() -> None:
    one = record(BRCA, "BRCA1")
    assert said(carried(one, confirmation=Confirmation.RESEARCH)) == [
        ("review", "research-needs-confirmation")
    ]
    assert said(carried(one, confirmation=Confirmation.UNCONFIRMED)) == [("hold", "unconfirmed")]


def test_a_blocked_variant_is_screened_no_further() -> None:
    variant = parse_variant(BRCA)
    blocked = replace(SF, blocked={variant: Blocked(variant, "frequent and harmless here", "the site")})
    (answer,) = screen(blocked, [carried(record(BRCA, "BRCA1"))], WOMAN)
    assert (answer.outcome, answer.gate, answer.reason) == (
        Outcome.NO_ACTION,
        Gate.ALLELE,
        ReasonCode.BLOCKLISTED,
    )
    assert "blocked: frequent and harmless here" in answer.evidence


def test_a_gene_with_two_diseases_has_two_answers() -> None:
    answers = screen(SF, [carried(record("chr18-31519887-C-T", "DSP"))], WOMAN)
    assert [one.disease for one in answers] == [
        "Arrhythmogenic right ventricular cardiomyopathy",
        "Dilated cardiomyopathy",
    ]


def test_a_variant_outside_the_panel_has_no_answer() -> None:
    assert said(carried(record("chr22-28695868-AG-A", "CHEK2"))) == []


def test_the_same_variant_given_twice_differently_is_an_error() -> None:
    one = record(BRCA, "BRCA1")
    with pytest.raises(ValueError, match="carried once"):
        screen(SF, [carried(one), carried(one, zygosity=HOM)], WOMAN)
