"""The house keeps its own rules: directions of import, sizes, types, style, docs, the README's commands."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from bedside.cli import parser
from bedside.settings import Settings, variable
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "src" / "bedside").rglob("*.py"))
FILE_CEILING = 400
FUNCTION_CEILING = 60
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def tool(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert found, f"{name} is a dev dependency and must be installed"
    return found


@cache
def parsed(path: Path) -> ast.Module:
    """The file as a tree, parsed once for all rules."""
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_follow_the_journey() -> None:
    done = run(tool("lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_are_strict() -> None:
    done = run(sys.executable, "-m", "mypy")
    assert done.returncode == 0, done.stdout + done.stderr


def test_style_is_clean() -> None:
    check = run(tool("ruff"), "check", ".")
    form = run(tool("ruff"), "format", "--check", ".")
    assert (check.returncode, form.returncode) == (0, 0), check.stdout + form.stdout + form.stderr


def test_no_file_is_longer_than_the_ceiling() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in SOURCES
        if (n := len(path.read_text().splitlines())) > FILE_CEILING
    }
    assert long == {}


def test_no_function_is_longer_than_the_ceiling() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": length
        for path in SOURCES
        for node in functions(path)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_CEILING
    }
    assert long == {}


def test_no_file_is_named_after_nothing() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [str(path) for path in SOURCES if path.stem in forbidden] == []


def test_every_public_thing_says_what_it_is() -> None:
    silent = []
    for path in SOURCES:
        tree = parsed(path)
        if not ast.get_docstring(tree):
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if named and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert silent == []


def test_code_names_no_pharmacogene() -> None:
    """Facts about genes live in packs: no gene symbol stands in a string of the code (docstrings aside)."""
    from bedside.knowledge.catalogue import load_pgx

    genes = set(load_pgx().genes)
    found = []
    for path in SOURCES:
        if "demo" in path.parts:
            continue
        tree = parsed(path)
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                named = genes & set(re.findall(r"[A-Z0-9-]+", node.value))
                if named:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {sorted(named)}")
    assert found == []


def test_docs_name_every_command_and_option() -> None:
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    commands = next(action for action in parser()._actions if action.dest == "command")
    missing = []
    for name, sub in commands.choices.items():  # type: ignore[union-attr]
        if f"bedside {name}" not in text:
            missing.append(f"bedside {name}")
        todo = [sub]
        while todo:
            for action in todo.pop()._actions:
                missing += [
                    option
                    for option in action.option_strings
                    if option.startswith("--") and option not in text
                ]
                if isinstance(action.choices, dict):
                    todo += action.choices.values()
    assert sorted(set(missing) - {"--help"}) == []


def test_docs_name_every_setting() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    assert [f.name for f in fields(Settings) if variable(f.name) not in text] == []


def test_docs_name_every_pack_kind() -> None:
    text = (ROOT / "docs" / "knowledge.md").read_text()
    kinds = sorted(p.name for p in (ROOT / "src" / "bedside" / "knowledge" / "data").iterdir() if p.is_dir())
    assert [kind for kind in kinds if f"`{kind}/" not in text] == []


def test_docs_name_every_route() -> None:
    """Every path the server answers is written down."""
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    routes = set()
    for path in (ROOT / "src" / "bedside" / "web").glob("*.py"):
        routes |= set(re.findall(r"""(?:Route|Mount)\(\s*["'](/[^"']*)["']""", path.read_text()))
    assert sorted(route for route in routes if route not in text) == []


def readme_commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.S)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


def test_readme_has_exactly_two_commands_and_ci_calls_the_second() -> None:
    run_it, test_it = readme_commands()
    assert run_it.endswith("bedside demo")
    assert test_it.endswith("pytest")
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_relative_links_in_documents_lead_somewhere() -> None:
    broken = []
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", path.read_text()):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)} → {target}")
    assert broken == []


def test_every_dependency_is_pinned_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(d for extra in project["optional-dependencies"].values() for d in extra),
    ]
    names = {re.split(r"[\[<>=!~ ]", item)[0].lower().replace("_", "-") for item in wanted}
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    decided = "\n".join(path.read_text().lower() for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert (sorted(names - pinned), sorted(name for name in names if name not in decided)) == ([], [])


def test_nothing_in_the_tree_names_this_machine() -> None:
    folders = ("src", "tests", "tools", "benchmarks", "docs", ".ci")
    texts = {".py", ".md", ".toml", ".html", ".css", ".txt", ".tsv", ""}
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    files += [path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name != ".git"]
    read = [path for path in files if path.suffix in texts and "__pycache__" not in path.parts]
    assert len(read) > len(SOURCES)
    assert [str(path) for path in read if f"{ROOT}/" in path.read_text(errors="replace")] == []


HEAVY = {
    "numpy", "cyvcf2", "starlette", "uvicorn", "jinja2", "orjson", "jwt", "sqlite3",
    "polars", "pyarrow", "duckdb", "pysam", "ibis", "pyspark",
    "statsmodels", "lifelines", "pandas", "scipy",
}  # fmt: skip


def test_help_is_quick_because_it_imports_little() -> None:
    """`bedside --help` loads none of the heavy libraries."""
    code = f"""
import sys
from bedside.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
"""
    done = run(sys.executable, "-c", code)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


@pytest.mark.parametrize(
    "words", [["pgx"], ["nonsense"], ["pgx", "x.vcf", "--format", "pdf"], ["demo", "--people", "0"]]
)
def test_wrong_usage_is_status_two_and_says_how(words: list[str]) -> None:
    done = run(sys.executable, "-m", "bedside", *words)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: bedside")
