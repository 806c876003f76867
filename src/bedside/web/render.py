"""Templates: one strict environment, everything escaped, a missing variable is an error."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bedside import __version__
from bedside.web import (
    coverage_words,
    draft_words,
    economics_words,
    genome_words,
    order_words,
    pathway_words,
    words,
)
from bedside.web.prose import prose

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
SPRITE = "/static/icons.svg"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment of all templates; made once, templates are compiled once."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    names: tuple[str, ...] = (
        "shape",
        "css",
        "verdict_shape",
        "verdict_css",
        "day",
        "iso_day",
        "moment",
        "thousands",
    )
    names += ("sentence_case", "sentence", "release", "breakable")
    made.filters.update({name: getattr(words, name) for name in names}, prose=prose)
    for several in (
        genome_words.FILTERS,
        coverage_words.FILTERS,
        draft_words.FILTERS,
        economics_words.FILTERS,
        order_words.FILTERS,
        pathway_words.FILTERS,
    ):
        made.filters.update({word.__name__: word for word in several})
    made.globals.update(version=__version__, sprite=SPRITE)
    return made


def render(template: str, **context: object) -> str:
    """The HTML of one template."""
    return environment().get_template(template).render(**context)
