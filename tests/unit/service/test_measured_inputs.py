"""A model's inputs that the record supplies, with the doubt of so few people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bedside.cli import main
from bedside.errors import InputError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.nicu import CostKind, CostLine, Outcome, Yield
from bedside.knowledge.economic_model_file import read_model
from bedside.learn.economics.analysis import analyse
from bedside.learn.economics.draws import drawn, span
from bedside.service.house import House
from bedside.service.measured_inputs import with_measured
from bedside.service.nicu import write_outcome
from bedside.service.write_offs import Part, settle
from tests.made_up_economics import small_text
from tests.made_up_orders import Ordered, open_ordered
from tests.made_up_record import AMARA, INGRID, NOW

DOUBT = 'distribution = { kind = "normal", mean = 500, se = 50 }'


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Ordered]:
    made = open_ordered(tmp_path)
    yield made
    made.house.close()


def model_text(name: str) -> str:
    said = f'distribution = {{ kind = "empirical", events = "{name}" }}'
    return small_text().replace(f'value = 500\nsource = "made up"\n{DOUBT}', f'source = "the record"\n{said}')


def child(house: House, number: int, *costs: CostLine) -> None:
    held = {"outcome": write_outcome(Outcome(Yield.DIAGNOSIS, True, costs=costs))}
    house.ledger.append([NewEvent(EventKind.OUTCOME_RECORDED, "ward", NOW, f"c{number}", held)])


def test_until_the_record_says_it_the_input_is_not_known(ordered: Ordered) -> None:
    model = read_model("m.toml", model_text("outcomes.testing").encode())
    assert model.unknown == ("test",)
    assert analyse(with_measured(model, ordered.house), 50, 1).differences["guided"].cost is None


def test_amounts_of_outcome_forms_become_a_mean_with_its_doubt(ordered: Ordered) -> None:
    house = ordered.house
    for number, amount in enumerate((400, 600, 800, 1000)):
        child(house, number, CostLine(CostKind.TESTING, amount, amount + 100, "USD"))
    child(house, 9, CostLine(CostKind.TESTING, 5, 5, "EUR"))
    found = with_measured(read_model("m.toml", model_text("outcomes.testing").encode()), house)
    (held, _) = found.inputs
    assert (held.value, held.distribution.values) == (750, (450, 650, 850, 1050))
    assert held.source == "outcomes.testing of the record, entered for 4 of 5 people"
    means = drawn(found, 4000, 1)["test"]
    assert means.mean() == pytest.approx(750, rel=0.02)
    assert means.std() == pytest.approx(np.std([450, 650, 850, 1050]) / 2, rel=0.05)
    ends = span(held)
    assert ends is not None
    assert ends[0] < 750 < ends[1]


def test_a_share_of_a_measure_has_the_doubt_of_its_counts(ordered: Ordered) -> None:
    house = ordered.house
    settle(house, AMARA, ordered.orders["rejected"], 320, "USD", {Part.WRITTEN_OFF: 320}, by="desk")
    settle(house, INGRID, ordered.orders["resulted"], 180, "USD", {Part.PAYER: 180}, by="desk")
    found = with_measured(read_model("m.toml", model_text("measure.write-off").encode()), house)
    (held, _) = found.inputs
    assert (held.value, held.source) == (0.5, "measure write-off of the record: 1 of 2")
    assert held.distribution.parameters == {"alpha": 1.5, "beta": 1.5}


def test_a_measure_that_is_no_share_or_of_nobody_leaves_the_input_not_known(ordered: Ordered) -> None:
    for name in ("measure.order-to-result", "measure.denial-rate"):
        found = with_measured(read_model("m.toml", model_text(name).encode()), ordered.house)
        assert found.unknown == ("test",)
        assert "is in the record" in found.inputs[0].source


def test_a_name_the_record_does_not_supply_is_refused_and_the_command_fills_in_what_it_does(
    ordered: Ordered, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = read_model("m.toml", model_text("measure.happiness").encode())
    with pytest.raises(InputError, match=r"does not supply 'measure.happiness' \(one of outcomes.testing"):
        with_measured(wrong, ordered.house)
    for number in range(3):
        child(ordered.house, number, CostLine(CostKind.TESTING, 900, 900, "USD"))
    path = tmp_path / "m.toml"
    path.write_text(model_text("outcomes.testing"))
    store = f"sqlite:///{tmp_path / 'ledger.db'}"
    assert main(["budget", str(path), "--store", store, "--draws", "50"]) == 0
    assert "Guided care costs 600 USD more" in capsys.readouterr().out
    assert main(["budget", str(path), "--draws", "50"]) == 0
    assert "is not known, because test is not known" in capsys.readouterr().out
