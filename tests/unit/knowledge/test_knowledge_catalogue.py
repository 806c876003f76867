"""A release is found, verified and loaded, or every reason why not is given at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.catalogue import find_release, load_folder, load_pgx, releases

Edit = Callable[[str, str, str], None]


def test_without_a_date_the_newest_release_is_loaded(
    root: Path, next_release: Callable[[str, str, str], Path]
) -> None:
    next_release("pairs.tsv", "ABCB1\tdigoxin\tC", "ABCB1\tdigoxin\tB")
    assert load_pgx(root=root).release.date == "2026-02-01"
    assert load_pgx("cpic", "2025-11-05", root).release.date == "2025-11-05"


def test_the_catalogue_lists_every_release_by_name_and_date() -> None:
    found = [(info.release.name, info.release.date, info.source.licence) for info in releases()]
    assert found == [("cpic", "2025-11-05", "CC0-1.0"), ("dpwg", "2024-05", "CC-BY-SA-4.0")]


def test_a_release_is_named_by_its_content(root: Path, release: Path, edit: Edit) -> None:
    before = load_pgx(root=root).release
    assert str(before) == f"cpic@2025-11-05#{before.sha256[:12]}"
    edit("source.toml", "awaiting pharmacist's sign-off", "signed off by a pharmacist")
    after = load_pgx(root=root)
    assert after.release.sha256 != before.sha256
    assert after.review_state == "codes assigned by rule; signed off by a pharmacist"


def test_an_edited_table_is_refused_with_the_remedy(root: Path, edit: Edit) -> None:
    edit("priorities.tsv", "*1/*6;*4/*34\t*1/*6", "*1/*6;*4/*34\t*4/*34")
    with pytest.raises(PackError) as refused:
        load_pgx(root=root)
    assert str(refused.value) == (
        "cpic/2025-11-05/priorities.tsv: does not equal its digest in source.toml"
        " (if the edit is meant: python -m bedside.knowledge.write FOLDER)"
    )


def test_a_release_that_does_not_say_who_owns_it_is_refused_with_every_reason(root: Path, edit: Edit) -> None:
    edit("source.toml", 'licence = "CC0-1.0"', "")
    edit("source.toml", 'review_due = "2026-12-31"', 'review_due = "soon"')
    with pytest.raises(PackError) as refused:
        load_pgx(root=root)
    assert [str(problem) for problem in refused.value.problems] == [
        'cpic/2025-11-05/source.toml: licence is missing (add licence = "…")',
        "cpic/2025-11-05/source.toml: review_due must be a date such as 2025-11-05, not 'soon'",
    ]


def test_every_wrong_line_of_every_table_is_named_at_once(release: Path, edit: Edit) -> None:
    from bedside.knowledge.write import redigest

    edit("guidance.tsv", "PA166296758\tPA166104997\tabacavir", "PA166296758\tPA1\tabacavir")
    edit("positions.tsv", "ABCG2\tchr4\t88131171", "ABCG2\tchr4\tfar")
    redigest(release)
    with pytest.raises(PackError) as refused:
        load_folder(release)
    lines = [str(problem) for problem in refused.value.problems]
    assert "cpic/2025-11-05/positions.tsv:2: position must be a whole number, not 'far'" in lines
    assert "cpic/2025-11-05/guidance.tsv:2: guideline 'PA1' is not in guidelines.tsv" in lines


def test_a_missing_table_is_named(root: Path, release: Path) -> None:
    (release / "drugs.tsv").unlink()
    with pytest.raises(PackError, match=r"source\.toml: lists drugs\.tsv, which is not there"):
        load_pgx(root=root)


def test_a_release_in_the_wrong_folder_is_refused(root: Path, release: Path) -> None:
    release.rename(release.parent / "2025-12-01")
    with pytest.raises(PackError, match=r"says it is cpic/2025-11-05 but stands in cpic/2025-12-01"):
        load_pgx(root=root)


def test_an_unknown_source_or_date_names_the_known_ones(root: Path) -> None:
    with pytest.raises(PackError, match=r"^fda: no such source; known: cpic$"):
        find_release("fda", root=root)
    with pytest.raises(PackError, match=r"^cpic@1999-01-01: no such release; known: 2025-11-05$"):
        find_release("cpic", "1999-01-01", root)


def test_guidance_of_another_source_is_added_after_the_release_s_own_and_keeps_its_licence() -> None:
    cpic, both = load_pgx(), load_pgx(guidance_from=("dpwg",))
    assert both.genes == cpic.genes
    assert both.release == cpic.release
    assert both.guidance["codeine"][: len(cpic.guidance["codeine"])] == cpic.guidance["codeine"]
    assert {row.source for row in both.guidance["codeine"]} == {"CPIC", "DPWG"}
    assert both.release_of("DPWG").licence == "CC-BY-SA-4.0"
    assert both.release_of("CPIC").release == cpic.release
    licences = [(one.release.name, one.licence) for one in both.guidance_releases]
    assert licences == [("cpic", "CC0-1.0"), ("dpwg", "CC-BY-SA-4.0")]


def test_a_site_may_remove_the_optional_source_and_everything_else_loads(root: Path) -> None:
    assert load_pgx(root=root).guidance == load_pgx().guidance
    with pytest.raises(PackError, match=r"^dpwg: no such source; known: cpic$"):
        load_pgx(root=root, guidance_from=("dpwg",))
