"""Makes a backup, or puts one back, until it is killed: `python backer.py make|restore HOUSE PLACE [KEY]`."""

from __future__ import annotations

import sys
from pathlib import Path

from bedside.service.back_up import back_up, into_folder, restore
from bedside.service.house import open_house
from bedside.settings import Settings
from bedside.store.sealed_file import secret_from


def main(act: str, store: str, place: str, key: str = "") -> None:
    """One backup or one restore; `begun` is said when it starts, `done` when it has returned."""
    settings = into_folder(Settings(), Path(store))
    secret = secret_from(Path(key)) if key else None
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    if act == "make":
        house = open_house(settings)
        back_up(house, Path(place), actor="night", secret=secret)
        house.close()
    else:
        restore(Path(store), into_folder(Settings(), Path(place)), secret=secret)
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
