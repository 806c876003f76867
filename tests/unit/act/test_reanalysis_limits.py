"""A release that changes too much at once is stopped for a person."""

from __future__ import annotations

from bedside.act.reanalysis_limits import Excess, excesses
from bedside.knowledge.classification import Bucket
from bedside.knowledge.reanalysis_policy import Limits

LIMITS = Limits(least=50, share_to_other=0.01, share_vanished=0.05, share_to_benign=0.01, share_lost=0.1)


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
