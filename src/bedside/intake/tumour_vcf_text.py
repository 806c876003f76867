"""What an annotator wrote beside a record (`ANN` of SnpEff, `CSQ` of VEP): protein text and consequence, as
text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.genome.tumour import Effect

_FORMAT = re.compile(r'##INFO=<ID=(ANN|CSQ),.*(?:Format|annotations):\s*\'?([^"\']+)', re.I)
EFFECTS = {
    "missense_variant": Effect.MISSENSE,
    "stop_gained": Effect.NONSENSE,
    "frameshift_variant": Effect.FRAMESHIFT,
    "inframe_deletion": Effect.INFRAME_DELETION,
    "inframe_insertion": Effect.INFRAME_INSERTION,
    "splice_acceptor_variant": Effect.SPLICE,
    "splice_donor_variant": Effect.SPLICE,
    "start_lost": Effect.START_LOST,
    "stop_lost": Effect.STOP_LOST,
    "synonymous_variant": Effect.SYNONYMOUS,
}
_PROTEIN = ("HGVSp", "HGVS.p")
_CONSEQUENCE = ("Consequence", "Annotation")


@dataclass(frozen=True, slots=True)
class TextColumns:
    """Where an annotation has what: by its INFO name the place of each field."""

    columns: Mapping[str, Mapping[str, int]]

    def of(self, record: Any, alternate: str) -> tuple[str, Effect]:
        """The protein text and the effect of the first entry with one: the MANE transcript's, if it is
        marked."""
        for name, columns in self.columns.items():
            if name not in record.info:
                continue
            value = record.info[name]
            entries = [
                one.split("|") for one in (value if isinstance(value, tuple) else str(value).split(","))
            ]
            marked = [one for one in entries if _cell(one, columns, ("MANE_SELECT", "MANE"))]
            single = len(record.alts) == 1
            for entry in marked or entries:
                allele = _cell(entry, columns, ("Allele",))
                if not single and allele and allele != alternate and allele != alternate[1:]:
                    continue
                text = _cell(entry, columns, _PROTEIN).rpartition(":")[2]
                consequence = _cell(entry, columns, _CONSEQUENCE).split("&")
                effect = next((EFFECTS[one] for one in consequence if one in EFFECTS), Effect.NOT_KNOWN)
                if text or effect is not Effect.NOT_KNOWN:
                    return text.replace("%3D", "="), effect
        return "", Effect.NOT_KNOWN


def text_columns(lines: Sequence[str]) -> TextColumns:
    """The annotations that the header describes."""
    found: dict[str, Mapping[str, int]] = {}
    for line in lines:
        described = _FORMAT.match(line)
        if described is not None:
            names = [one.strip().strip("'\"") for one in described[2].split("|")]
            found[described[1].upper()] = {name: place for place, name in enumerate(names)}
    return TextColumns(found)


def _cell(entry: Sequence[str], columns: Mapping[str, int], names: Sequence[str]) -> str:
    for name in names:
        place = columns.get(name)
        if place is not None and place < len(entry) and entry[place]:
            return entry[place]
    return ""
