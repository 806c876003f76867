"""`bedside polygenic`: one person's score among people of the same ancestry, or why there is none."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.commands.opening import add_store, build_of, opened, settings_of
from bedside.errors import RequestError

if TYPE_CHECKING:
    from bedside.interpret.polygenic import PolygenicAnswer
    from bedside.interpret.polygenic_match import Outcome
    from bedside.knowledge.polygenic_panel import Panel, PanelGenotypes
    from bedside.knowledge.scoring_file import ScoringFile
    from bedside.service.score_person import BaseAt


def polygenic(parser: argparse.ArgumentParser) -> None:
    """The options of `bedside polygenic`."""
    parser.add_argument("person", metavar="PERSON")
    parser.add_argument(
        "--score", type=Path, required=True, metavar="FILE", help="PGS Catalog scoring file (hmPOS_GRCh38)"
    )
    parser.add_argument(
        "--build", choices=("GRCh38", "GRCh37"), help="the score's build, when it does not say"
    )
    parser.add_argument(
        "--pcs", type=Path, metavar="FILE", help="the person's principal components (IID, PC1, PC2, …)"
    )
    parser.add_argument(
        "--reference",
        type=Path,
        nargs=3,
        metavar=("GENOTYPES", "PCS", "GROUPS"),
        help="the reference panel: its genotypes (VCF, BCF) or its sums over the very same variants, its "
        "components, its groups",
    )
    parser.add_argument(
        "--sequence", type=Path, metavar="FASTA", help="GRCh38, for the base where the reference was seen"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_store(parser)
    parser.set_defaults(run=run_polygenic)


def run_polygenic(arguments: argparse.Namespace) -> int:
    """`bedside polygenic`."""
    from bedside.genome.consent import Purpose
    from bedside.knowledge.polygenic_panel import read_components
    from bedside.knowledge.scoring_file import read_scoring_file
    from bedside.service.consented_lake import consented
    from bedside.service.house import lake_of
    from bedside.service.score_person import score_person

    score = read_scoring_file(arguments.score, build_of(arguments))
    panel = panel_of(score, *arguments.reference) if arguments.reference else None
    places = read_components(arguments.pcs) if arguments.pcs else {}
    base_at = bases_of(arguments.sequence) if arguments.sequence else None
    house = opened(settings_of(arguments), must_exist=True)
    try:
        answer = score_person(
            house,
            consented(house, lake_of(house), Purpose.CARE, clinical_only=True),
            arguments.person,
            score,
            components=places.get(arguments.person),
            panel=panel,
            base_at=base_at,
        )
    finally:
        house.close()
    if arguments.format == "json":
        import orjson

        sys.stdout.write(orjson.dumps(as_plain(answer), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write(as_text(answer))
    return 0


def panel_of(score: ScoringFile, genotypes: Path, components: Path, groups: Path) -> Panel | PanelGenotypes:
    """The panel, by its genotypes or by its sums, whichever the first file holds."""
    from bedside.intake.polygenic_panel_vcf import is_variant_file, read_panel_copies
    from bedside.knowledge.polygenic_panel import read_panel, with_genotypes

    if not is_variant_file(genotypes):
        return read_panel(genotypes, components, groups)
    people, copies = read_panel_copies(genotypes, score)
    return with_genotypes(genotypes.name, score.score, people, copies, components, groups)


def bases_of(fasta: Path) -> BaseAt:
    """The bases of an indexed FASTA of GRCh38; raises `IntakeError` or `RequestError` for another one."""
    from bedside.genome.locus import Build
    from bedside.genome.region import CHROMOSOME_NUMBER
    from bedside.intake.genome.reference import Sequence
    from bedside.intake.policy import default_policy

    sequence = Sequence(fasta, default_policy())
    if sequence.build is not Build.GRCH38:
        reason = f"stands on {sequence.build.value}, stored genomes on GRCh38"
        raise RequestError.one(fasta.name, reason, remedy="give a FASTA of GRCh38")

    def base_at(chromosome: str, position: int) -> str:
        return chr(sequence.bases(CHROMOSOME_NUMBER[chromosome], position, position)[0])

    return base_at


def as_text(answer: PolygenicAnswer) -> str:
    """The answer for a terminal."""
    from bedside.interpret.polygenic import Refusal

    if isinstance(answer, Refusal):
        lines = [
            f"{answer.score}: no score: {answer.reason.value} ({answer.remedy})",
            *_account(answer.account),
        ]
        return "\n".join(lines) + "\n"
    low, top = answer.interval
    lines = [
        f"{answer.score}: {answer.trait}: {answer.standing.value} among people of the same ancestry",
        f"  {answer.z:+.2f} standard deviations ({low:+.2f} to {top:+.2f}), "
        f"percentile {answer.percentile:.0f}",
        f"  Action: {answer.action}",
        f"  Valid: {answer.validity}",
        f"  Ancestry: {answer.distance:.1f} from the panel's nearest group (outside from {answer.limit:.1f})",
        f"  Panel: {answer.panel}, {answer.panel_people} people",
        f"  Policy: {answer.policy} ({answer.review_state})",
        f"  {answer.caveat}",
        *_account(answer.account),
    ]
    return "\n".join(lines) + "\n"


def _account(account: Mapping[Outcome, int]) -> list[str]:
    from bedside.interpret.polygenic_match import WORDS

    return [f"  {number} variants {WORDS[outcome]}" for outcome, number in account.items()]


def as_plain(answer: PolygenicAnswer) -> dict[str, Any]:
    """The answer for programs."""
    from bedside.interpret.polygenic import Refusal

    account = {outcome.name.lower().replace("_", "-"): number for outcome, number in answer.account.items()}
    if isinstance(answer, Refusal):
        return {
            "score": answer.score,
            "told": False,
            "reason": answer.reason.name.lower().replace("_", "-"),
            "text": answer.reason.value,
            "remedy": answer.remedy,
            "variants": account,
        }
    return {
        "score": answer.score,
        "told": True,
        "trait": answer.trait,
        "standing": answer.standing.value,
        "z": answer.z,
        "interval": list(answer.interval),
        "percentile": answer.percentile,
        "action": answer.action,
        "validity": answer.validity,
        "distance": answer.distance,
        "outside_from": answer.limit,
        "match": answer.share,
        "variants": account,
        "panel": answer.panel,
        "panel_people": answer.panel_people,
        "policy": answer.policy,
        "review_state": answer.review_state,
        "caveat": answer.caveat,
    }
