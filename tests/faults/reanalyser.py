"""A process that adopts one release after the other until it is killed. Run as `python reanalyser.py FOLDER`.

Each line it prints is the release it has adopted, written after `reanalyse_clinvar` returned.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bedside.knowledge.catalogue import release_folders
from bedside.knowledge.clinvar.release import load_clinvar
from bedside.service.house import open_house
from bedside.service.reanalyse import Asked, reanalyse_clinvar
from bedside.service.reanalyse_release import clinvar_before
from bedside.settings import Settings


def main(folder: str) -> None:
    """Adopt every release at hand in turn."""
    settings = Settings(store_url=f"sqlite:///{folder}/ledger.db")
    days = [one.name for one in release_folders(Path(folder) / "knowledge")]
    house = open_house(settings)
    print("ready", flush=True)
    for day in days:
        release = load_clinvar(f"clinvar@{day}", settings)
        in_force = house.ledger.release("clinvar")
        if in_force is not None and in_force >= str(release.release):
            continue
        reanalyse_clinvar(house, clinvar_before(house, day) if in_force else None, release, Asked())
        print(release.release, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
