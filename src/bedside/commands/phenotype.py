"""`bedside phenotype`: which features of HPO a note or chart names, and whether they are said to be there."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bedside.commands.opening import settings_of


def phenotype(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside phenotype`."""
    parser.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="a note as plain text, or FHIR or a phenopacket as .json",
    )
    parser.add_argument("--format", choices=("tsv", "json"), default="tsv")
    parser.add_argument(
        "--hpo-release", metavar="R", help="a release of HPO in the knowledge folder, or its folder"
    )
    parser.add_argument("--nested", action="store_true", help="also names that lie within longer names")
    parser.set_defaults(run=run_phenotype)


def run_phenotype(arguments: argparse.Namespace) -> int:
    """`bedside phenotype`: a line for each feature named; on stderr how many of each status."""
    from collections import Counter

    import orjson

    from bedside.genome.case import FeatureStatus
    from bedside.service.read_notes import COLUMNS, fields, phenotype_index, read_files, row

    root = settings_of(arguments).knowledge_folder
    index = phenotype_index(arguments.hpo_release, root)
    found = read_files(arguments.files, index, root, nested=arguments.nested)
    words = index.words.provenance
    if arguments.format == "json":
        document = {
            "hpo": index.hpo.version,
            "words": {"name": words.name, "sha256": words.sha256, "review_state": words.review_state},
            "features": [fields(name, one) for name, one in found],
        }
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for line in (COLUMNS, *(row(name, one) for name, one in found)):
            sys.stdout.write("\t".join(line) + "\n")
    count = Counter(one.status for _, one in found)
    sys.stderr.write(
        f"bedside: HPO {index.hpo.version}; "
        + ", ".join(f"{count[status]} {status.value}" for status in FeatureStatus)
        + f"; suggestions until a person confirms them; words: {words.review_state}\n"
    )
    return 0
