"""A release that changes too much at once is stopped for a person."""

from __future__ import annotations

from bedside.act.reanalysis_limits import Excess, excesses, gains
from bedside.knowledge.classification import Bucket
from bedside.knowledge.reanalysis_policy import Limits

LIMITS = Limits(
    least=50,
    share_to_other=0.01,
    share_vanished=0.05,
    share_to_benign=0.01,
    share_lost=0.1,
    share_from_benign=0.01,
    share_raised=0.05,
    share_from_other=0.05,
    share_new=1.0,
)


def test_732_records_that_turn_into_other_in_a_month_stop_the_release():
    found = excesses({Bucket.OTHER: 732, Bucket.VUS: 12}, 8_000, LIMITS)
    assert found == (Excess("share_to_other", 732, 732 / 8_000, 0.01, 50),)
    assert str(found[0]) == (
        "in the release, 732 pathogenic or likely pathogenic records have no class of pathogenicity any more "
        "(9.2%; the policy lets 1.0% or up to 50 records pass)"
    )


def test_a_month_of_ordinary_medicine_passes():
    assert excesses({Bucket.VUS: 87, Bucket.CONFLICT: 81, None: 40, Bucket.BLB: 3}, 40_000, LIMITS) == ()


def test_half_a_release_that_is_missing_stops_it():
    assert [one.limit for one in excesses({None: 20_000}, 40_000, LIMITS)] == ["share_vanished", "share_lost"]


def test_a_small_release_is_not_stopped_by_a_few_records():
    assert excesses({Bucket.OTHER: 30}, 40, LIMITS) == ()


def test_a_release_that_reads_benign_as_pathogenic_is_stopped():
    found = gains({Bucket.BLB: 4_000}, 40_000, LIMITS)
    assert [(one.limit, one.records, one.gained) for one in found] == [
        ("share_from_benign", 4_000, True),
        ("share_raised", 4_000, True),
    ]
    assert str(found[0]) == (
        "in the release, 4000 pathogenic or likely pathogenic records were benign or likely benign before "
        "(10.0%; the policy lets 1.0% or up to 50 records pass)"
    )


def test_uncertain_conflicting_and_classless_records_that_rise_together_stop_the_release():
    assert [one.limit for one in gains({Bucket.VUS: 300, Bucket.CONFLICT: 300}, 10_000, LIMITS)] == [
        "share_raised"
    ]
    found = gains({Bucket.OTHER: 300, Bucket.NONE: 300}, 10_000, LIMITS)
    assert [one.limit for one in found] == ["share_from_other"]


def test_a_release_whose_pathogenic_records_more_than_double_is_stopped():
    assert [one.limit for one in gains({None: 10_001}, 10_000, LIMITS)] == ["share_new"]
    assert gains({None: 10_000}, 10_000, LIMITS) == ()
    assert [one.limit for one in gains({None: 51}, 0, LIMITS)] == ["share_new"]


def test_a_quarter_of_ordinary_discovery_passes():
    assert gains({None: 3_839, Bucket.VUS: 45, Bucket.BLB: 9, Bucket.CONFLICT: 30}, 41_297, LIMITS) == ()
