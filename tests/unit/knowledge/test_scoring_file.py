"""A scoring file is read strictly: what would make the whole sum wrong refuses it, every line at once."""

from __future__ import annotations

import gzip

import pytest

from bedside.errors import PackError
from bedside.genome.locus import Build
from bedside.knowledge.polygenic import KIND, load_polygenic_policy, read_polygenic_policy
from bedside.knowledge.polygenic_panel import PanelError, read_panel
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.scoring_file import ScoringFileError, read_scoring_file
from bedside.knowledge.scoring_rows import Placing
from tests.unit.interpret.polygenic_people import COLUMNS, HEADER, written

FLAGGED = COLUMNS.rstrip() + "\tis_haplotype\tis_diplotype\tis_interaction\n"


def refusal(path, build=None) -> list[tuple[int | None, str]]:
    with pytest.raises(ScoringFileError) as refused:
        read_scoring_file(path, build)
    return [(one.line, one.reason) for one in refused.value.problems]


def test_harmonised_places_stand_before_the_authors_own(tmp_path):
    columns = COLUMNS.rstrip() + "\thm_chr\thm_pos\n"
    header = HEADER.replace("GRCh38", "GRCh37") + "#HmPOS_build=GRCh38\n"
    rows = ("1\t100\tA\tG\t0.5\t1\t90", "1\t200\tC\tT\t-1\t\t")
    found = read_scoring_file(written(tmp_path, *rows, header=header, columns=columns))
    assert (found.build, found.position.tolist()) == (Build.GRCH38, [90, 0])
    assert [Placing(one) for one in found.placing] == [Placing.PLACED, Placing.NO_PLACE]
    assert found.weights.tolist() == [[0.0, 0.5, 1.0], [0.0, -1.0, -2.0]]


def test_a_gzipped_file_is_the_text_inside(tmp_path):
    plain = written(tmp_path, "1\t100\tA\tG\t0.5")
    packed = tmp_path / "score.txt.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_scoring_file(packed).release == read_scoring_file(plain).release


def test_every_line_that_cannot_be_scored_is_told_at_once(tmp_path):
    path = written(
        tmp_path,
        "1\t100\tA\tG\t0.5\tFalse\tFalse\tFalse",
        "1\t200\tA\tG\theavy\tFalse\tFalse\tFalse",
        "1\t300\tA\tG\t0.5\tTrue\tFalse\tFalse",
        "1\t400\tA\tG\t0.5\tFalse\tTrue\tFalse",
        "1\t500\tA\tG\t0.5\tFalse\tFalse\tTrue",
        "1\there\tA\tG\t0.5\tFalse\tFalse\tFalse",
        "1\t100\tG\tA\t0.7\tFalse\tFalse\tFalse",
        "1\t700\tA\tA\t0.7\tFalse\tFalse\tFalse",
        "1\t800\tA\tG",
        "1\t900\tA\tG\tnan\tperhaps\tFalse\tFalse",
        columns=FLAGGED,
    )
    assert refusal(path) == [
        (7, "effect_weight is not a number"),
        (8, "is_haplotype is true: combinations of variants cannot be scored"),
        (9, "is_diplotype is true: combinations of variants cannot be scored"),
        (10, "is_interaction is true: combinations of variants cannot be scored"),
        (11, "chr_position is no position"),
        (13, "effect and other allele are the same"),
        (14, "4 cells where 8 belong"),
        (15, "is_haplotype is neither true nor false"),
        (15, "effect_weight is not a number"),
        (12, "the same variant as in line 6"),
    ]


@pytest.mark.parametrize(
    ("header", "told", "reason"),
    [
        (HEADER.replace("GRCh38", "NR"), None, "the build is 'NR'"),
        (HEADER.replace("GRCh38", "hg18"), Build.GRCH37, "the build is 'hg18'"),
        ("#pgs_id=PGS1\n", None, "the build is not stated"),
        (HEADER, Build.GRCH37, "the header says GRCh38, --build says GRCh37"),
        (HEADER + "#weight_type=OR\n", None, "the weights are ratios, which cannot be added up"),
        (HEADER + "#variants_number=2\n", None, "the header says 2 variants, the table holds 1"),
    ],
)
def test_a_header_that_does_not_say_enough_or_says_something_else_refuses_the_file(
    tmp_path, header, told, reason
):
    path = written(tmp_path, "1\t100\tA\tG\t0.5", header=header)
    assert [problem for _, problem in refusal(path, told)] == [reason]


def test_a_build_that_is_not_reported_can_be_told(tmp_path):
    path = written(tmp_path, "1\t100\tA\tG\t0.5", header=HEADER.replace("GRCh38", "NR"))
    assert read_scoring_file(path, Build.GRCH38).build is Build.GRCH38


def test_weights_for_each_number_of_copies_are_taken_as_written(tmp_path):
    dosages = "".join(f"\tdosage_{copies}_weight" for copies in range(3))
    columns = f"chr_name\tchr_position\teffect_allele\tother_allele{dosages}\n"
    found = read_scoring_file(written(tmp_path, "1\t100\tA\tG\t0.1\t0.9\t-2", columns=columns))
    assert found.weights.tolist() == [[0.1, 0.9, -2.0]]


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bcut", b"\xff\xfe", b"#pgs_id=PGS1\n"])
def test_what_is_no_scoring_file_is_refused(tmp_path, content):
    path = tmp_path / "score.txt"
    path.write_bytes(content)
    assert refusal(path)


def test_a_score_without_a_word_on_action_is_refused_by_the_policy():
    whole = (DATA / KIND / "polygenic.toml").read_text()
    with pytest.raises(PackError, match="no validity, sexes or action"):
        read_polygenic_policy(
            parse_rule_file("p.toml", whole.replace('"no action known"', '" "').encode(), KIND)
        )
    assert load_polygenic_policy().minimum_match == 0.75


def tables(folder, sums: str, components: str, groups: str):
    paths = [folder / name for name in ("sums.txt", "pcs.txt", "groups.txt")]
    for path, text in zip(paths, (sums, components, groups), strict=True):
        path.write_text(text)
    return paths


def test_people_of_a_panel_are_named_by_text_also_where_they_are_numbers(tmp_path):
    found = read_panel(
        *tables(
            tmp_path,
            "IID\tPGS\tSUM\tDENOM\n007\tP\t1.5\t8\n7\tP\t2.5\t8\nlost\tP\t1\t8\n",
            "IID\tPC1\tPC2\n007\t1\t2\n7\t3\t4\n",
            "#IID\tSuperPop\n007\tA\n7\tB\nlost\tB\n",
        )
    )
    assert (found.people, found.sums.tolist(), found.groups, found.sites) == (
        ("007", "7"),
        [1.5, 2.5],
        ("A", "B"),
        4,
    )


def test_a_panel_that_contradicts_itself_is_refused_with_every_line(tmp_path):
    with pytest.raises(PanelError) as refused:
        read_panel(
            *tables(
                tmp_path,
                "IID\tPGS\tSUM\tDENOM\na\tP\tmuch\t8\nb\tQ\t2.5\t6\na\tP\t1\t8\n",
                "IID\tPC1\na\t1\nb\tleft\n",
                "#IID\tSuperPop\na\tA\nb\tB\n",
            )
        )
    assert [(one.source, one.line, one.reason.split(":")[0]) for one in refused.value.problems] == [
        ("sums.txt", 4, "the person of line 2 again"),
        ("pcs.txt", 3, "PC1 is not a number"),
        ("sums.txt", 2, "SUM is not a number"),
        ("sums.txt", None, "DENOM is not the same whole number for everybody"),
        ("sums.txt", None, "holds several scores"),
    ]
