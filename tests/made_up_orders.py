"""The small made-up record with orders, specimens and results of every kind, for tests of their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.act.inbox import How
from bedside.genome.specimen import Step
from bedside.service.house import House
from bedside.service.move_specimen import label_specimen, move_specimen
from bedside.service.order_test import Wish, order_test
from bedside.service.receive_hl7 import receive_message
from bedside.service.results_inbox import acknowledge, items_of
from tests.made_up_record import AMARA, INGRID, TOMAS, open_record

NO = {"transplant": "no"}
POOR = ("2621^CYP2C19", "CYP2C19 *2/*2", "LA9657-3^Poor metabolizer")
NORMAL = ("2621^CYP2C19", "CYP2C19 *1/*1", "LA25391-6^Normal metabolizer")
PIDS = {
    TOMAS: "100-25^^^urn:bedside:demo:record-number^MR||Reyes^Tomás||19500130|M",
    AMARA: "100-24^^^urn:bedside:demo:record-number^MR||Okafor^Amara||19840701|F",
    INGRID: "100-23^^^urn:bedside:demo:record-number^MR||Holm^Ingrid||19610312|F",
}


@dataclass(frozen=True)
class Ordered:
    """The house, and the number of each order by what became of it."""

    house: House
    orders: Mapping[str, str]


def message(
    person: str,
    call: tuple[str, str, str] | None = POOR,
    *,
    order: str = "",
    filler: str = "F1",
    status: str = "F",
    day: int = 10,
    pid: str = "",
    note: str = "",
) -> bytes:
    """A laboratory's message about one gene, or none."""
    at = f"202609{day:02d}0800"
    lines = [
        f"MSH|^~\\&|LIS|GENLAB|EHR|HOSP|{at}||ORU^R01^ORU_R01|{filler}{day}|P|2.5.1",
        f"PID|1||{pid or PIDS[person]}",
        f"ORC|RE|{order}|{filler}",
        f"OBR|1|{order}|{filler}|81247-9^Panel^LN||||||||||||||||||{at}|||{status}",
    ]
    if call is not None:
        gene, genotype, meaning = call
        lines += [
            f"OBX|1|CWE|48018-6^Gene studied^LN|1a|HGNC:{gene}^HGNC||||||{status}",
            f"OBX|2|ST|84413-4^Genotype display name^LN|1a|{genotype}||||||{status}",
            f"OBX|3|CWE|53040-2^Metabolism^LN|1a|{meaning}^LN||||||{status}",
        ]
    if note:
        lines.append(f"OBX|4|TX|QC^Comment^L|2|{note}||||||{status}")
    return ("\r".join(lines) + "\r").encode()


def collected(house: House, person: str, order: str, tube: str, *steps: Step) -> None:
    """Label a tube and take it these steps on."""
    label_specimen(house, person, order, by="nurse", specimen=tube)
    for step in steps:
        reason = "haemolysed" if step is Step.REJECT else ""
        move_specimen(house, person, tube, step, by="laboratory", reason=reason)


def open_ordered(folder: Path, **settings: str) -> Ordered:
    """Tomás waits for a tube; Amara's was rejected; Ingrid's result came with a part that was not read. A
    misspelt message about Tomás is in quarantine. Results that came in files were read."""
    house = open_record(folder, **settings)
    for name, item in items_of(house).items():
        acknowledge(house, item.person, name, item.standing, How.ACKNOWLEDGED, "", actor="Dr Early")
    placed = {
        "waits": order_test(house, TOMAS, Wish("pgx-basic", "Dr Who", answers=NO)).order.order,
        "rejected": order_test(house, AMARA, Wish("pgx-full", "Dr Who", answers=NO)).order.order,
        "resulted": order_test(house, INGRID, Wish("pgx-basic", "Dr Who", answers=NO)).order.order,
    }
    collected(house, AMARA, placed["rejected"], "T-A", Step.COLLECT, Step.RECEIVE, Step.REJECT)
    collected(house, INGRID, placed["resulted"], "T-I", Step.COLLECT, Step.SHIP, Step.RECEIVE)
    receive_message(house, message(INGRID, order=placed["resulted"], note="Adequate sample."))
    misspelt = PIDS[TOMAS].replace("Reyes", "Reies")
    receive_message(house, message(TOMAS, filler="F2", pid=misspelt))
    return Ordered(house, placed)
