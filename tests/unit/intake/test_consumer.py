"""A bought file is read as it stands: its build is known or it is refused; what is odd is told by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import IntakeError, PackError
from bedside.genome.locus import Build
from bedside.intake.consumer import ConsumerFile, Trust, read_consumer
from bedside.intake.consumer_build import BuildFrom, Known
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.consumer_policy import KIND, load_consumer_policy, read_consumer_policy
from bedside.knowledge.frequencies import load_frequencies
from bedside.knowledge.provenance import DATA, parse_rule_file

POLICY = load_consumer_policy()
STAR2 = Known("GENE", "rs4244285", "chr10", {"GRCh37": 96541616, "GRCh38": 94781859}, frozenset("GA"), "G")
STAR3 = Known("GENE", "rs4986893", "chr10", {"GRCh37": 96540410, "GRCh38": 94780653}, frozenset("GA"), "G")
COLUMNS = "rsid\tchromosome\tposition\tgenotype\n"


def read(tmp_path: Path, text: str, build: Build | None = None, *known: Known) -> ConsumerFile:
    path = tmp_path / "raw.txt"
    path.write_text(text)
    return read_consumer(path, POLICY, known or (STAR2, STAR3), build)


def refusal(tmp_path: Path, text: str, build: Build | None = None) -> list[tuple[int | None, str]]:
    with pytest.raises(IntakeError) as refused:
        read(tmp_path, text, build)
    return [(one.line, one.reason) for one in refused.value.problems]


def notices(file: ConsumerFile) -> list[tuple[str, int | None]]:
    return [(one.code, one.line) for one in file.notices if one.code != "build-unchecked"]


@pytest.mark.parametrize(
    ("header", "build"),
    [
        ("# We are using reference human assembly build 37 (also known as Annotation Release 104)", "GRCh37"),
        ("#Genetic data is provided relative to the human reference build 37.1 coordinates.", "GRCh37"),
        ("# Human Genome Reference Build 37 (GRCh37.p13).", "GRCh37"),
        ("##reference=file:///ref/hg38.fa", "GRCh38"),
    ],
)
def test_the_build_that_the_header_states_is_believed(tmp_path, header, build):
    found = read(tmp_path, f"{header}\n{COLUMNS}rs1\t1\t5\tAG\n")
    assert (found.build.value, found.build_from) == (build, BuildFrom.STATED)
    assert [one.code for one in found.notices] == ["build-unchecked"]


def test_a_header_that_names_two_builds_states_none(tmp_path):
    (problem,) = refusal(tmp_path, f"# lifted from build 36 to build 37\n{COLUMNS}rs1\t1\t5\tAG\n")
    assert problem[1].startswith("the build is neither stated nor proved")


def test_two_known_markers_prove_a_build_and_one_does_not(tmp_path):
    one = "rs4244285\t10\t94781859\tGA\n"
    (problem,) = refusal(tmp_path, COLUMNS + one)
    assert problem[1] == "the build is neither stated nor proved (1 of 1 known markers fit one)"
    found = read(tmp_path, COLUMNS + one + "rs4986893\t10\t94780653\tGG\n")
    assert (found.build, found.build_from) == (Build.GRCH38, BuildFrom.PROVED)


def test_a_build_that_the_positions_contradict_is_refused_whoever_says_it(tmp_path):
    rows = "rs4244285\t10\t94781859\tGA\nrs4986893\t10\t94780653\tGG\n"
    for header, told in (("# build 37\n", None), ("", Build.GRCH37)):
        (problem,) = refusal(tmp_path, header + COLUMNS + rows, told)
        assert problem[1].startswith("the build is contradicted: ")
        assert problem[1].endswith("says GRCh37, 2 known markers stand where GRCh38 has them")
    assert refusal(tmp_path, f"# build 37\n{COLUMNS}rs1\t1\t5\tAG\n", Build.GRCH38) == [
        (None, "the build is contradicted: the header says GRCh37, --build says GRCh38")
    ]


def test_a_file_on_build_36_is_refused_by_name(tmp_path):
    rows = "rs3094315\t1\t742429\tAG\nrs2341354\t1\t908436\tAG\n"
    assert refusal(tmp_path, COLUMNS + rows) == [(None, "the file stands on NCBI36, which is too old")]


def test_a_told_build_that_no_known_marker_fits_is_refused(tmp_path):
    rows = "rs4244285\t10\t1\tGA\nrs4986893\t10\t2\tGG\n"
    assert refusal(tmp_path, COLUMNS + rows, Build.GRCH37) == [
        (None, "none of 2 known markers stands where GRCh37 has it")
    ]


def test_every_unreadable_row_is_told_with_its_line_at_once(tmp_path):
    rows = "rs1\t1\t5\tAB\nrs2\t1\tfive\tAG\nrs3\t99\t5\tAG\nrs4\t1\nrs5\t1\t6\tAGT\n"
    rows += "rs6\t1\t7\tAG\n\x1b[2J\t1\t8\tAG\n"
    assert refusal(tmp_path, "# build 37\n" + COLUMNS + rows) == [
        (3, "the genotype is not made of A, C, G, T, I or D"),
        (4, "the position is not a whole number"),
        (5, "the chromosome is none of 1 to 22, X, Y and MT"),
        (6, "2 cells where 4 belong"),
        (7, "the genotype is not made of A, C, G, T, I or D"),
        (9, "the marker's name is empty, too long or not printable"),
    ]


def test_thousands_of_unreadable_rows_are_counted_after_the_first_fifty(tmp_path):
    told = refusal(tmp_path, "# build 37\n" + COLUMNS + "rs1\t1\t5\tZZ\n" * 2_000)
    assert len(told) == 51
    assert told[-1] == (None, "and 1950 more problems of this file")


def test_no_calls_indels_and_single_letters_are_counted_and_name_no_allele(tmp_path):
    rows = "rs1\t1\t5\t--\nrs2\t1\t6\tDI\nrs3\tX\t7\tA\nrs4\tMT\t8\tII\nrs5\t--\t--\tAT\n"
    found = read(tmp_path, "# build 37\n" + COLUMNS + rows)
    assert found.markers.letters == ["", "DI", "A", "II", "AT"]
    assert [(one.code, one.reason.split()[0]) for one in found.notices if one.code != "build-unchecked"] == [
        ("no-call", "1"),
        ("unplaced", "1"),
        ("indel", "2"),
        ("haploid", "1"),
    ]


def test_a_marker_that_contradicts_itself_loses_its_letters(tmp_path):
    rows = "rs1\t1\t5\tAA\nrs1\t1\t5\tAG\nrs2\t1\t6\tAG\nrs2\t1\t6\tGA\nrs3\t1\t7\tCC\n"
    rows += "rs3\t1\t9\tCC\nrs4\t1\t6\tTT\n"
    found = read(tmp_path, "# build 37\n" + COLUMNS + rows)
    assert notices(found) == [
        ("contradiction", 4),
        ("duplicate", 6),
        ("discrepant-position", 8),
        ("contradiction", 9),
    ]
    assert found.markers.letters == ["", "", "", "GA", "", "", ""]


def test_letters_of_the_other_strand_are_told_and_not_used(tmp_path):
    found = read(
        tmp_path, "# build 37\n" + COLUMNS + "rs4244285\t10\t96541616\tCT\nrs4986893\t10\t96540410\tGG\n"
    )
    assert notices(found) == [("strand", 3)]
    assert [(one.name, one.letters, one.trust) for one in found.seen] == [("rs4986893", "GG", Trust.COMMON)]


def test_a_known_marker_at_another_place_is_told_and_not_used(tmp_path):
    found = read(tmp_path, "# build 37\n" + COLUMNS + "rs4244285\t10\t5\tGA\nrs4986893\t10\t96540410\tGG\n")
    assert notices(found) == [("misplaced", 3)]
    assert [one.name for one in found.seen] == ["rs4986893"]


def test_a_column_is_never_guessed_from_its_place(tmp_path):
    assert refusal(tmp_path, "# build 37\nrsid\tchromosome\tposition\tgenotype_other\nrs1\t1\t5\tAA\n") == [
        (2, "no column holds the genotype")
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b\x08broken", b"PK\x03\x04broken", b"\xff\xfe\x00", b"\n\n"]
)
def test_what_is_no_raw_data_is_refused_and_never_an_empty_file(tmp_path, content):
    path = tmp_path / "raw.bin"
    path.write_bytes(content)
    with pytest.raises(IntakeError):
        read_consumer(path, POLICY, (), Build.GRCH37)


def test_a_file_with_headings_and_no_marker_is_refused(tmp_path):
    assert refusal(tmp_path, "# build 37\n" + COLUMNS) == [(None, "holds headings but no marker")]


def test_the_markers_called_common_are_seen_in_one_of_a_hundred_chromosomes_of_a_1000_genomes_group():
    most: dict[tuple[str, int], float] = {}
    for several in load_frequencies().haplotypes.values():
        share: dict[tuple[str, int], float] = {}
        for one in several:
            for change in one.haplotype.changes:
                spot = (change.chromosome, change.position)
                share[spot] = share.get(spot, 0.0) + one.count / one.total
        for spot, found in share.items():
            most[spot] = max(most.get(spot, 0.0), min(found, 1 - found))
    places = {at.rsid: (at.chromosome, at.position) for g in load_pgx().genes.values() for at in g.positions}
    assert {name: most[places[name]] for name in POLICY.common if most[places[name]] < 0.01} == {}


def test_a_policy_that_says_too_little_is_refused():
    whole = (DATA / KIND / "consumer.toml").read_text()
    for cut, reason in (
        ('genotype = ["genotype", "result", "gt"]', "not a policy for consumer files"),
        ("minimum_anchors = 2", "not a policy for consumer files"),
    ):
        with pytest.raises(PackError, match=reason):
            read_consumer_policy(parse_rule_file("consumer.toml", whole.replace(cut, "").encode(), KIND))
    assert POLICY.release.startswith("consumer@2026-11-25#")
