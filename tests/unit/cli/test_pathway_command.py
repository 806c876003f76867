"""`bedside pathway` as somebody at a terminal sees it."""

from __future__ import annotations

from bedside.cli import main
from tests.made_up_pathways import open_pathways
from tests.made_up_record import INGRID

TABLE = (
    "person\tat\tsignal\tattributes\n"
    "anna\t2026-01-05T15:00:00+00:00\tdiagnosed\tdisease=nsclc-advanced\n"
    "anna\t2026-01-20T15:00:00+00:00\tresult-reported\tfinding=actionable\n"
    "bert\t2026-01-05T15:00:00+00:00\tdiagnosed\tdisease=nsclc-advanced\n"
    "bert\t2026-01-09T15:00:00+00:00\tdied\t\n"
)


def test_the_shipped_pathways_are_fit(capsys) -> None:
    assert main(["pathway", "check"]) == 0
    assert "without a dead end" in capsys.readouterr().out


def test_the_people_of_a_table_stand_where_their_signals_lead(tmp_path, capsys) -> None:
    (tmp_path / "told.tsv").write_text(TABLE)
    words = ["pathway", "simulate", str(tmp_path / "told.tsv"), "--at", "2026-01-23T20:00:00+00:00"]
    assert main([*words, "--pathway", "nsclc"]) == 0
    header, *rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(one["person"], one["state"], one["step"], one["reason"]) for one in found] == [
        ("anna", "open", "opened", ""),
        ("bert", "ended", "died", "died"),
    ]
    assert (found[0]["owner"], found[0]["overdue"], found[0]["warnings"]) == (
        "thoracic coordinator",
        "yes",
        "result-not-opened",
    )


def test_a_table_with_faults_is_refused_with_all_of_them(tmp_path, capsys) -> None:
    (tmp_path / "told.tsv").write_text(
        TABLE + "carl\tyesterday\tdiagnosed\t\n" + "carl\t2026-01-09T15:00:00\tdied\t\n" + "\tx\ty\n"
    )
    assert main(["pathway", "simulate", str(tmp_path / "told.tsv")]) == 1
    said = capsys.readouterr().err
    assert all(f"told.tsv:{line}: " in said for line in (6, 7, 8))
    assert "carl" not in said


def test_the_signals_that_can_be_heard_are_listed(capsys) -> None:
    assert main(["pathway", "list", "--signals"]) == 0
    assert "first-dose-confirmed\tthe first dose was given or taken\tclass,drug,by" in capsys.readouterr().out
    assert main(["pathway", "list"]) == 0
    assert "nsclc@" in capsys.readouterr().out


def test_the_funnel_of_the_record_is_counted_without_a_table(tmp_path, capsys) -> None:
    house = open_pathways(tmp_path)
    house.close()
    store = ["--store", f"sqlite:///{tmp_path / 'ledger.db'}"]
    (tmp_path / "people.tsv").write_text(f"person\tlanguage\n{INGRID}\tnb\n")
    assert main(["pathway", "groups", str(tmp_path / "people.tsv"), "--by", "registry", *store]) == 0
    assert capsys.readouterr().out == "1 people written\n"
    at = ["--at", "2026-10-01T12:00:00+00:00"]
    assert main(["funnel", "nsclc", "--by", "language", *at, *store]) == 0
    header, *lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert [(one["group"], one["people"]) for one in rows if one["stage"] == "tissue"] == [
        ("everybody", "2"),
        ("nb", "<5"),
        ("not known", "<5"),
    ]
    assert main(["funnel", "nsclc", "--by", "colour", *at, *store]) == 1
    everything = "site, payer, language, deprivation, rurality, genetic_ancestry, ancestry"
    assert f"--by: is no group of the record (one of {everything})" in capsys.readouterr().err


def test_the_worklist_is_written_with_the_latest_first(tmp_path, capsys) -> None:
    open_pathways(tmp_path).close()
    words = [
        "worklist",
        "--at",
        "2026-10-01T12:00:00+00:00",
        "--store",
        f"sqlite:///{tmp_path / 'ledger.db'}",
    ]
    assert main(words) == 0
    said = capsys.readouterr()
    header, *lines = [line.split("\t") for line in said.out.splitlines()]
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert (rows[0]["step"], rows[0]["overdue"], rows[0]["owner"]) == ("told", "yes", "programme lead")
    assert {one["person"] for one in rows} == {INGRID, "made-up-2", "made-up-3"}
    assert said.err == "bedside: 3 open cases, 0 ended\n"
    assert main([*words, "--person", INGRID]) == 0
    assert capsys.readouterr().out.count(INGRID) == 1
