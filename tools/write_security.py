"""Writes the table of docs/security.md from the pack: `python -m tools.write_security`."""

from __future__ import annotations

from pathlib import Path

from bedside.knowledge.security_table import SecurityTable, State, load_security_table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "security.md"
BEGIN, END = "<!-- asvs: written by tools/write_security.py -->", "<!-- asvs: end -->"


def table_text(table: SecurityTable) -> str:
    """The table as Markdown: a line a chapter, then a line a group that is not tested whole."""
    lines = [
        "| chapter | " + " | ".join(state.value for state in State) + " | tested of applicable |",
        "|---|" + "---|" * (len(State) + 1),
    ]
    for chapter in (*table.chapters, ""):
        held = table.coverage(chapter)
        title = f"{chapter} {table.chapters[chapter]}" if chapter else "all"
        counts = " | ".join(str(held.counts.get(state, 0)) for state in State)
        lines.append(f"| {title} | {counts} | {held.tested} of {held.applicable} |")
    lines += [
        "",
        "What is not tested whole:",
        "",
        "| group | what | state | what is missing |",
        "|---|---|---|---|",
    ]
    for one in table.groups:
        if one.state not in (State.TESTED, State.NOT_APPLICABLE):
            lines.append(f"| {one.group} | {one.what} | {one.state.value} | {one.note} |")
    return "\n".join(lines)


def page_text(page: str, table: SecurityTable) -> str:
    """The page with the table in its place."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n{table_text(table)}\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(page_text(PAGE.read_text(encoding="utf-8"), load_security_table()), encoding="utf-8")


if __name__ == "__main__":
    main()
