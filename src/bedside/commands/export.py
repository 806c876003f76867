"""`bedside export`: what is held of a person, in a form that other systems read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import add_store, opened, settings_of

FORMATS = ("fhir", "hl7v2", "vcf", "phenopacket")


def export(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside export`."""
    parser.add_argument("person", metavar="PERSON")
    shown = "FHIR R4 bundle, HL7 v2 ORU^R01, gVCF on GRCh38, GA4GH phenopacket"
    parser.add_argument("--format", choices=FORMATS, required=True, help=shown)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write there, whole or not at all")
    add_store(parser)
    parser.set_defaults(run=run_export)


def run_export(arguments: argparse.Namespace) -> int:
    """`bedside export`."""
    import orjson

    from bedside.service.genomics_export import (
        export_fhir,
        export_phenopacket,
        export_vcf,
        note_export,
    )
    from bedside.service.whole_file import whole_file

    house = opened(settings_of(arguments), must_exist=True)
    try:
        note_export(house, arguments.person, arguments.format, "bedside export")
        if arguments.format == "hl7v2":
            from bedside.service.lri_export import export_oru

            text = export_oru(house, arguments.person).decode()
        elif arguments.format == "vcf":
            text = "".join(f"{line}\n" for line in export_vcf(house, arguments.person))
        else:
            make = export_fhir if arguments.format == "fhir" else export_phenopacket
            content = make(house, arguments.person)
            text = orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n"
    finally:
        house.close()
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    with whole_file(arguments.out) as file:
        file.write(text.encode())
    return 0
