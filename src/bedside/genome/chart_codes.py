"""The coded charts of many people, as columns: who they are and which codes stand in their charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

NEVER = np.iinfo(np.int32).min
"""A day that is not known."""


class LeftOut(Enum):
    """Why a person is not on the worklist although the chart would put them there."""

    DIAGNOSED = "diagnosed"
    TESTED = "tested"
    DECLINED = "declined"
    UNDER_CARE = "under-care"
    NOT_NOW = "not-now"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class ChartCodes:
    """People in the order of their ids, and each distinct code of each person once.

    age: years, NaN unknown. female: 1, 0, NaN unknown. standing: why somebody is left out, None when not.
    diagnosis: the disease somebody is known to have, "" when none is. groups: by the name of the group
    ("ancestry") what each person belongs to, "" unknown. codes: the distinct (system, code). person, code:
    places in the two lists. first: days since 1970 of the first mention, NEVER when not said. strangers: rows
    about people who are not among them.
    """

    people: tuple[str, ...]
    age: NDArray[np.float64]
    female: NDArray[np.float64]
    standing: tuple[LeftOut | None, ...]
    diagnosis: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    codes: tuple[tuple[str, str], ...]
    person: NDArray[np.int64]
    code: NDArray[np.int64]
    first: NDArray[np.int32]
    strangers: int = 0
