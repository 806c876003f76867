"""The public history of ClinVar replayed: what flips back recontacts nobody, what is format noise is stopped.

Eight public releases from 2012 to 2026. Of variants in the genes of ACMG SF v3.3, 53 go from pathogenic to
something else and back to pathogenic in these files, 49 of them through conflict only. (The longer series
they are taken from, with 54 monthly files, shows 19 in four Lynch and polyposis genes; with the files at hand
one of these, in MLH1, can be replayed.) The monthly tables have no review status, so that the series is
judged with two stars throughout; the releases with a review status are replayed whole, with their own stars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bedside.act.reanalysis import Case, Gate, Kind, Standing, Told, follow, judge
from bedside.act.reanalysis_limits import excesses, gains
from bedside.genome.event import EventKind
from bedside.genome.locus import Build
from bedside.genome.presence import Zygosity
from bedside.interpret.germline.screened import Outcome
from bedside.knowledge.classification import Bucket, classification_numbered
from bedside.knowledge.clinvar.keep import add_clinvar
from bedside.knowledge.clinvar.read_file import Asked as File
from bedside.knowledge.clinvar.release import ClinvarRelease, open_release
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.reanalysis_policy import FindingTask, load_reanalysis_policy
from bedside.service.close_task import Ending, close_task
from bedside.service.reanalyse import Accepted, Asked, reanalyse_clinvar
from bedside.service.reanalyse_changes import Stand, became, came, changes_between, stand
from bedside.service.screen_people import screen_people
from tests.unit.service.made_up_biobank import Somebody, biobank, enrol

POLICY = load_reanalysis_policy()
MONTHLY = ("2012-06-16", "2014-04-01", "2015-01-06", "2017-01-04", "2017-04-04")
STARRED = ("2016-05-20", "2016-11-02", "2026-02-26")
DAYS = tuple(sorted((*MONTHLY, *STARRED)))
LETTER = {
    Bucket.PLP: "P",
    Bucket.CONFLICT: "c",
    Bucket.VUS: "v",
    Bucket.BLB: "b",
    Bucket.OTHER: "o",
    Bucket.NONE: "-",
}
FLIP = re.compile("P-*[cvb][cvb-]*P")


@pytest.fixture(scope="module")
def releases(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, ClinvarRelease]:
    root, chain = tmp_path_factory.mktemp("history"), shared / "liftover" / "hg19ToHg38.over.chain.gz"
    files = {day: f"monthly_b37/clinvar_{day}.tsv.gz" for day in MONTHLY}
    files |= {day: f"clinvar_{day}.vcf.gz" for day in STARRED[:2]}
    found = {}
    for day, name in files.items():
        asked = File(day, Build.GRCH37, chain)
        found[day] = open_release(add_clinvar(shared / "clinvar" / name, root, asked).folder)
    newest = shared / "clinvar" / "clinvar_2026-02-26_GRCh38_HBOC_Lynch_subset.vcf.gz"
    found[STARRED[2]] = open_release(add_clinvar(newest, root, File()).folder)
    return found


@pytest.fixture(scope="module")
def stands(releases: Mapping[str, ClinvarRelease]) -> Mapping[str, Stand]:
    return {day: stand(release) for day, release in releases.items()}


@pytest.fixture(scope="module")
def flips(stands: Mapping[str, Stand]) -> Mapping[int, list[Standing]]:
    """By key, the series of every variant that is pathogenic, then not, then pathogenic again."""
    genes = load_panel("acmg-sf").by_gene
    keys = np.unique(np.concatenate([stands[day].in_genes(genes) for day in DAYS]))
    series = [stands[day].at(keys)[0] for day in DAYS]
    found = {}
    for place, key in enumerate(keys.tolist()):
        classes = [int(one[place]) for one in series]
        history = [
            Standing(date.fromisoformat(day), classification_numbered(number) if number else None, 2)
            for day, number in zip(DAYS, classes, strict=True)
        ]
        if FLIP.search(written(history)):
            found[key] = history
    return found


def written(history: list[Standing]) -> str:
    """A series as one letter a release."""
    return "".join(LETTER[one.bucket] for one in history)


def gate(standing: Standing) -> Gate:
    """The gates for an adult with a dominant condition."""
    if standing.bucket is Bucket.PLP:
        return Gate(Outcome.REPORT, "reportable")
    if standing.bucket is Bucket.CONFLICT:
        return Gate(Outcome.HOLD, "conflict")
    return Gate(Outcome.NO_ACTION, "class-not-reportable")


def lived(series: list[Standing]) -> Iterator[str]:
    """What the family hears, when every task that leads to them is done before the next release."""
    told, tasks = Told.UNKNOWN, frozenset[FindingTask]()
    history = (Standing(date(2012, 1, 1), None), series[0])
    before = history[0]
    for now in series:
        history = follow(history, now)
        found = judge(Case(history, gate(before), gate(now), told, tasks), POLICY)
        tasks = (tasks - found.closes) | ({found.opens} if found.opens else frozenset())
        for task in tasks:
            if task.finds and now.bucket is Bucket.PLP:
                yield "finding"
                told, tasks = Told.TOLD, tasks - {task}
            elif task is FindingTask.RECONTACT:
                yield "correction"
                told, tasks = Told.CORRECTED, tasks - {task}
        before = now


def test_53_variants_flip_in_the_files_at_hand(flips):
    assert len(flips) == 53
    through_conflict = [one for one in flips.values() if re.search("P-*c[c-]*P", written(one))]
    assert len(through_conflict) == 49


def test_no_family_hears_twice_of_a_variant_that_flips_back(flips):
    heard = {key: list(lived(series)) for key, series in flips.items()}
    assert {tuple(one) for one in heard.values()} == {("finding",)}


def test_every_flip_is_seen_and_closed_as_a_return(flips):
    for series in flips.values():
        told, tasks, kinds = Told.TOLD, frozenset[FindingTask](), []
        history, before = (series[0],), series[0]
        for now in series[1:]:
            history = follow(history, now)
            found = judge(Case(history, gate(before), gate(now), told, tasks), POLICY)
            tasks = (tasks - found.closes) | ({found.opens} if found.opens else frozenset())
            kinds.append(found.kind)
            before = now
        assert Kind.RETURNED in kinds
        assert not any(task.finds for task in tasks)


def test_the_months_that_were_format_noise_stop_and_the_ordinary_ones_pass(releases):
    stopped, too_many = {}, {}
    for before, after in pairwise(DAYS):
        changes = changes_between(releases[before], releases[after])
        stopped[after] = [one.limit for one in excesses(*became(changes), POLICY.limits)]
        too_many[after] = [one.limit for one in gains(*came(changes), POLICY.limits)]
    assert stopped == {
        "2014-04-01": ["share_to_other", "share_vanished", "share_lost"],
        "2015-01-06": [],
        "2016-05-20": [],
        "2016-11-02": [],
        "2017-01-04": ["share_to_other", "share_vanished", "share_lost"],
        "2017-04-04": [],
        "2026-02-26": ["share_vanished", "share_lost"],
    }
    assert too_many == {
        "2014-04-01": ["share_from_other"],
        "2015-01-06": ["share_from_other"],
        "2016-05-20": ["share_new"],
        "2016-11-02": [],
        "2017-01-04": [],
        "2017-04-04": [],
        "2026-02-26": [],
    }


def test_families_told_in_2016_hear_nothing_of_what_is_pathogenic_again_in_2026(tmp_path, releases, flips):
    first, second, third = (releases[day] for day in STARRED)
    keys = [key for key, series in flips.items() if re.fullmatch("...P[cvb]..P", written(series))]
    house = biobank(tmp_path)
    variants = [str(first.records(first.find(np.array([key])))[0].variant) for key in keys]
    people = [f"p{number}" for number in range(len(variants))]
    carried = zip(people, variants, strict=True)
    enrol(house, *(Somebody(person, [(variant, Zygosity.HETEROZYGOUS)]) for person, variant in carried))
    screen_people(house, load_panel("acmg-sf"), first)
    for task in house.ledger.tasks():
        close_task(house, task.person, task.task, Ending.DONE, "", actor="counsellor")
    told = {event.person for event in house.ledger.events(kinds=[EventKind.TASK_CLOSED])}
    assert told == set(people)
    assert len(people) == 3
    at = house.ledger.checkpoint().sequence
    accepted = Accepted("Dr. Roe", "a subset of the release, on purpose")
    held = reanalyse_clinvar(house, first, second)
    back = reanalyse_clinvar(house, second, third, Asked(accepted=accepted))
    assert sum(held.counts[kind] for kind in ("conflict", "downgrade")) == 3
    assert back.counts == {"returned": 3}
    done = [event.payload for event in house.ledger.events(kinds=[EventKind.TASK_CLOSED], after=at)]
    assert all(payload["outcome"].startswith("superseded: returned-as-before") for payload in done)
    assert house.ledger.tasks() == ()
    assert not any(
        FindingTask(event.payload["kind"]).finds
        for event in house.ledger.events(kinds=[EventKind.TASK_OPENED], after=at)
    )
    house.close()


@pytest.mark.slow
def test_all_releases_in_order_twice_give_the_same_ledger(tmp_path, releases, flips):
    heads = []
    for name in ("one", "other"):
        house = biobank(tmp_path / name)
        chosen = sorted(flips)[::5]
        alleles = [releases[DAYS[3]].find(np.array([key])) for key in chosen]
        variants = [str(one.variant) for rows in alleles for one in releases[DAYS[3]].records(rows)]
        enrol(
            house,
            *(Somebody(f"p{n}", [(v, Zygosity.HETEROZYGOUS)]) for n, v in enumerate(dict.fromkeys(variants))),
        )
        before = None
        for day in DAYS:
            asked = Asked(accepted=Accepted("Dr. Roe", "a replay of the history"))
            reanalyse_clinvar(house, before, releases[day], asked)
            before = releases[day]
        house.ledger.verify()
        heads.append(str(house.ledger.checkpoint()))
        house.close()
    assert heads[0] == heads[1]
