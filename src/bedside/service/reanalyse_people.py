"""From what changed to whom it concerns: carriers are found, judged, and each one is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bedside.act.reanalysis import Action, Judgement, Kind
from bedside.act.reanalysis_memory import Pair, Remembered
from bedside.genome.event import NewEvent
from bedside.genome.variant import Variant
from bedside.knowledge.classification import Bucket
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.reanalysis_policy import ReanalysisPolicy
from bedside.service.reanalyse_changes import Changes, Records, alleles_of, buckets, pathogenic, variant_of
from bedside.service.reanalyse_events import Writer
from bedside.service.reanalyse_groups import Group, group
from bedside.service.reanalyse_judge import Change, Judge, Judged
from bedside.service.reanalyse_waiting import Waiting
from bedside.service.screen_carried import Screening, held_rows, is_hashed
from bedside.service.screen_gates import Gates, Held, genes_of, together
from bedside.service.screen_subjects import Subjects

OUTSIDE = Judgement(Kind.NO_OP, Action.NONE, "gene-in-no-panel")
NO_FINDING = Judgement(Kind.NO_OP, Action.NONE, "no-finding-before-or-after")
NO_FINDING_CONFLICT = Judgement(Kind.NO_OP, Action.NONE, "conflict-without-finding")


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a release means for the people looked at: all of them in groups, and the events for those for whom
    something follows."""

    groups: tuple[Group, ...]
    events: tuple[NewEvent, ...]
    people: frozenset[str]

    def with_anew(self, other: Evaluated, people: Sequence[str] | None) -> Evaluated:
        """These with what was found anew about some people in place of what was found before; None: all."""
        if people is None:
            return other
        gone = frozenset(people)
        kept = (replace(one, people=tuple(p for p in one.people if p not in gone)) for one in self.groups)
        return Evaluated(
            (*(one for one in kept if one.people), *other.groups),
            (*(event for event in self.events if event.person not in gone), *other.events),
            (self.people - gone) | other.people,
        )


@dataclass(slots=True)
class Evaluation:
    """What changed, looked up for people: all at once, or again for those whose genomes came meanwhile."""

    screening: Screening
    changes: Changes
    panels: Sequence[Panel]
    policy: ReanalysisPolicy
    memory: Mapping[Pair, Remembered]
    writer: Writer
    tell: Callable[[str], None] = lambda text: None
    _genes: frozenset[str] = frozenset()
    _waiting: Waiting = field(init=False)
    _before: Records = field(init=False)
    _after: Records = field(init=False)

    def __post_init__(self) -> None:
        self._before = Records(self.changes.before.release)
        self._after = Records(self.changes.after.release)
        self._genes = genes_of(self.panels)
        self._waiting = Waiting(self.memory)

    def evaluate(self, among: Sequence[str] | None = None) -> Evaluated:
        """Everybody who carries a changed allele, or about whom a task waits; `among`: only these people."""
        self.tell("finding the carriers")
        waiting = self._waiting.pending
        keys = np.union1d(self.changes.table["key"].to_numpy(), waiting["key"].to_numpy())
        carriers = self.screening.carriers(keys, among)
        table = self.changes.of(carriers["key"].unique().to_numpy())
        carriers = self._concerned(carriers, waiting)
        marked = self._marked(carriers, table)
        found = marked["key"].unique().to_numpy()
        alleles = self._waiting.completed(alleles_of(self.changes.releases, found), set(found.tolist()))
        marked = self.screening.of_alleles(marked, _hashed(alleles))
        self.tell("judging what changed for them")
        judged = list(self._judged(self.screening.graded(marked.filter(pl.col("candidate"))), table, alleles))
        plain = marked.filter(~pl.col("candidate"))
        self.tell("listing everybody looked at")
        groups = [*self._plain_groups(plain, table, alleles), *self._judged_groups(judged)]
        events = [event for one in judged for event in self.writer.events(one)]
        return Evaluated(tuple(groups), tuple(events), frozenset(marked["person"].unique().to_list()))

    def _concerned(self, carriers: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
        """Carriers of what changed, and of what did not change only those about whom something waits."""
        changed = self.changes.table.select("key")
        kept = carriers.join(changed, on="key", how="semi", maintain_order="left")
        rest = carriers.join(changed, on="key", how="anti", maintain_order="left")
        others = rest.join(waiting, on=["key", "person"], how="semi", maintain_order="left")
        return kept if others.is_empty() else pl.concat([kept, others]).sort("key", "person")

    def _marked(self, carriers: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
        """The carriers with `panel` (in a gene of a panel) and `candidate` (the gates are asked)."""
        keys = table["key"].to_numpy()
        inside = np.isin(keys, self._panel_keys())
        finding = inside & (pathogenic(table, "class_before") | pathogenic(table, "class_after"))
        marks = pl.DataFrame({"key": keys, "panel": inside, "finding": finding})
        remembered = self._waiting.known.with_columns(remembered=pl.lit(True))
        return (
            carriers.join(marks, on="key", how="left", maintain_order="left")
            .join(remembered, on=["key", "person"], how="left", maintain_order="left")
            .with_columns(
                candidate=pl.col("finding") | (pl.col("panel") & pl.col("remembered").fill_null(False))
            )
        )

    def _panel_keys(self) -> NDArray[np.int64]:
        named = [key for key, (_, gene) in self._waiting.variants.items() if gene in self._genes]
        inside = [side.in_genes(self._genes) for side in (self.changes.before, self.changes.after)]
        return np.unique(np.concatenate([*inside, np.array(named, np.int64)]))

    def _plain_groups(
        self, plain: pl.DataFrame, table: pl.DataFrame, alleles: pl.DataFrame
    ) -> Iterator[Group]:
        """Changes that cannot be a finding for anybody, each with all who carry it."""
        conflict = buckets(table, "class_after") == Bucket.CONFLICT.number
        told = table.with_columns(conflict=pl.Series(conflict))
        lists = (
            plain.group_by("key", maintain_order=True)
            .agg(pl.col("person"), pl.col("panel").first())
            .join(told, on="key", how="left", maintain_order="left")
            .join(alleles.select("key", "variant"), on="key", how="left", maintain_order="left")
        )
        for row in lists.iter_rows(named=True):
            judgement = OUTSIDE
            if row["panel"]:
                judgement = NO_FINDING_CONFLICT if row["conflict"] else NO_FINDING
            standings = self.changes.standings(row)
            yield group(row["variant"], "", *standings, judgement, row["person"], key=row["key"])

    def _judged(
        self, candidates: pl.DataFrame, table: pl.DataFrame, alleles: pl.DataFrame
    ) -> Iterator[Judged]:
        if candidates.is_empty():
            return iter(())
        self._before.read(candidates["key"].unique().to_numpy())
        self._after.read(candidates["key"].unique().to_numpy())
        changed = self._changed(candidates, table, alleles)
        people = candidates["person"].unique().to_list()
        confirmed = self.screening.confirmations(candidates)
        variants = {key: one.variant for key, one in changed.items()}
        judge = Judge(
            Gates(self.panels, self._before.of),
            Gates(self.panels, self._after.of),
            Subjects(
                self.screening.house,
                self.panels,
                self.screening.all.policy,
                self.writer.now.date(),
                people,
            ),
            self.memory,
            self._others(candidates, changed),
            self.policy,
        )
        rows = held_rows(candidates, variants, confirmed)
        return judge.judged((changed[key], person, held) for key, person, held in rows)

    def _changed(
        self, candidates: pl.DataFrame, table: pl.DataFrame, alleles: pl.DataFrame
    ) -> dict[int, Change]:
        rows = (
            candidates.select("key")
            .unique(maintain_order=True)
            .join(table, on="key", how="left", maintain_order="left")
            .join(alleles, on="key", how="left", maintain_order="left")
        )
        found: dict[int, Change] = {}
        for row in rows.iter_rows(named=True):
            variant = variant_of(row["key"], row["reference"], row["alternate"])
            records = (*self._after.of(variant), *self._before.of(variant))
            genes = {gene for record in records for gene in record.genes}
            if not records:
                genes = {self._waiting.variants[row["key"]][1]}
            genes &= self._genes
            before, after = self.changes.standings(row)
            moved = row["class_after"] == 0 and self.changes.moved(records)
            found[row["key"]] = Change(variant, row["variant"], tuple(sorted(genes)), before, after, moved)
        return found

    def _others(
        self, candidates: pl.DataFrame, changed: Mapping[int, Change]
    ) -> dict[tuple[str, str], tuple[Held, ...]]:
        """What the candidates carry in genes whose variants are weighed together, by person and gene: what is
        pathogenic, and what changed, whatever it is called."""
        both = together(self.panels)
        genes = {gene for change in changed.values() for gene in change.genes} & both
        if not genes:
            return {}
        keys = {key for key, change in changed.items() if genes & set(change.genes)}
        people = candidates.filter(pl.col("key").is_in(keys))["person"].unique().to_list()
        of_key: dict[int, list[str]] = {}
        for gene in sorted(genes):
            for key in self._counting(gene).tolist():
                of_key.setdefault(key, []).append(gene)
        for key, change in changed.items():
            missing = [gene for gene in change.genes if gene in genes and gene not in of_key.get(key, ())]
            if missing:
                of_key.setdefault(key, []).extend(missing)
        carriers = self.screening.carriers(np.array(sorted(of_key), np.int64), people)
        alleles = alleles_of(self.changes.releases, carriers["key"].unique().to_numpy())
        variants = {key: variant_of(key, ref, alt) for key, _, ref, alt in alleles.iter_rows()}
        variants |= {key: change.variant for key, change in changed.items()}
        carriers = self.screening.graded(self.screening.of_alleles(carriers, variants))
        held: dict[tuple[str, str], list[Held]] = {}
        for key, person, one in held_rows(carriers, variants, self.screening.confirmations(carriers)):
            for gene in of_key[key]:
                held.setdefault((person, gene), []).append(one)
        return {pair: self.screening.phased(pair[0], several) for pair, several in held.items()}

    def _counting(self, gene: str) -> NDArray[np.int64]:
        """The alleles in a gene that are pathogenic or likely pathogenic in one of the releases."""
        sides = (self.changes.before, self.changes.after)
        table = self.changes.of(np.union1d(*(side.in_genes((gene,)) for side in sides)))
        counts = pathogenic(table, "class_before") | pathogenic(table, "class_after")
        return table["key"].to_numpy()[counts]

    def _judged_groups(self, judged: Sequence[Judged]) -> Iterator[Group]:
        alike: dict[tuple[object, ...], list[Judged]] = {}
        for one in judged:
            alike.setdefault((one.change.text, one.weighed.gene, one.judgement), []).append(one)
        for several in alike.values():
            first = several[0]
            owner, due = self.writer.owner_and_due(first.judgement.opens)
            yield group(
                first.change.text,
                first.weighed.gene,
                first.change.before,
                first.change.after,
                first.judgement,
                [one.person for one in several],
                owner,
                due,
                first.change.variant.key,
            )


def _hashed(alleles: pl.DataFrame) -> dict[int, Variant]:
    """The variants whose keys hash their alleles."""
    rows = alleles.filter(is_hashed).select("key", "reference", "alternate").iter_rows()
    return {key: variant_of(key, reference, alternate) for key, reference, alternate in rows}
