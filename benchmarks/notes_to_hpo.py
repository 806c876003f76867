"""Features read from 228 annotated abstracts (GSC 2024), by half of the corpus, and how long one takes.

    python benchmarks/notes_to_hpo.py [--wrong]

The words of the pack were tuned on the development half only. `--wrong` lists what was read wrong or missed
there, never of the other half. docs/phenotypes.md has the figures.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.knowledge.hpo import ABNORMALITY, load_hpo
from bedside.knowledge.phenotype_words import load_phenotype_words
from tests.conformance.hpo_notes import (
    ANNOTATED_BRANCHES,
    DEVELOPMENT,
    HELD_OUT,
    Abstract,
    Place,
    abstracts,
    documents,
    exact,
    overlapping,
    read_as_annotated,
    timed,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("BEDSIDE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    hpo, words = load_hpo(), load_phenotype_words()
    begun = time.perf_counter()
    index = build_index(hpo, words, ANNOTATED_BRANCHES)
    print(f"HPO {hpo.version}; dictionary of {len(index.names) + len(index.alone)} names built in "
          f"{time.perf_counter() - begun:.2f} s")  # fmt: skip
    corpus = abstracts(shared / "data" / "hpo" / "gsc_2024", hpo)
    features = {one for one, above in hpo.ancestors.items() if ABNORMALITY in above}
    for short_forms in (False, True):
        for half in (DEVELOPMENT, HELD_OUT, ""):
            chosen = [one for one in corpus if half in ("", one.half)]
            pairs = [
                (one.gold, read_as_annotated(one.text, index, short_forms=short_forms)) for one in chosen
            ]
            whole, document, (p, r, f) = exact(pairs), documents(pairs), overlapping(pairs)
            only = exact([(_only(gold, features), _only(read, features)) for gold, read in pairs])
            named = (
                f"{half or 'all':12} {len(chosen):3} abstracts{', short forms too' if short_forms else ''}"
            )
            print(f"{named}: mention {whole.precision:.3f}/{whole.recall:.3f}/{whole.f1:.3f}; "
                  f"overlapping {p:.3f}/{r:.3f}/{f:.3f}; "
                  f"document {document.precision:.3f}/{document.recall:.3f}/{document.f1:.3f}; "
                  f"abnormalities only {only.f1:.3f}")  # fmt: skip
    product = build_index(hpo, words)
    texts = [one.text for one in corpus]
    timed(texts, product)
    taken = timed(texts, product)
    print(f"one abstract with negation: mean {taken['mean']:.2f} ms, median {taken['median']:.2f} ms, "
          f"processor {taken['processor']:.2f} ms")  # fmt: skip
    if arguments.wrong:
        _list_wrong([one for one in corpus if one.half == DEVELOPMENT], index)


def _only(places: frozenset[Place], wanted: set[str]) -> frozenset[Place]:
    return frozenset(one for one in places if one[2] in wanted)


def _list_wrong(corpus: list[Abstract], index: PhenotypeIndex) -> None:
    missed, wrong = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in corpus:
        read = read_as_annotated(one.text, index)
        missed.update((one.text[s:e].lower(), term) for s, e, term in one.gold - read)
        wrong.update((one.text[s:e].lower(), term) for s, e, term in read - one.gold)
    for title, count in (("missed", missed), ("wrong", wrong)):
        for (text, term), often in count.most_common(60):
            print(title, often, text, term, sep="\t")


if __name__ == "__main__":
    main()
