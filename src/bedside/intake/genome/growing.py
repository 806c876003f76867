"""Columns that grow piece by piece in one place, so that pieces can be let go at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.genome.texts import Texts

_FIRST = 64


@dataclass(slots=True)
class Column:
    """An array that grows. Room that is not yet used takes no memory: the system gives pages when written."""

    data: NDArray[Any]
    size: int = 0

    @classmethod
    def of(cls, dtype: Any) -> Column:
        """An empty one."""
        return cls(np.empty(_FIRST, dtype))

    def add(self, values: NDArray[Any]) -> None:
        """Put values behind those there are."""
        need = self.size + len(values)
        if need > len(self.data):
            self.data.resize(max(need, 2 * len(self.data)), refcheck=False)
        self.data[self.size : need] = values
        self.size = need

    def whole(self) -> NDArray[Any]:
        """All values; nothing can be added afterwards."""
        self.data.resize(self.size, refcheck=False)
        return self.data


@dataclass(slots=True)
class TextColumn:
    """Texts that grow."""

    offsets: Column = field(default_factory=lambda: Column.of(np.int32))
    data: Column = field(default_factory=lambda: Column.of(np.uint8))

    def add(self, texts: Texts) -> None:
        """Put texts behind those there are."""
        if not self.offsets.size:
            self.offsets.add(np.zeros(1, np.int32))
        if self.data.size + len(texts.data) > np.iinfo(np.int32).max:
            raise ValueError("more than two billion characters in one column")
        self.offsets.add(texts.offsets[1:] + np.int32(self.data.size))
        self.data.add(texts.data)

    def whole(self) -> Texts:
        """All texts."""
        if not self.offsets.size:
            return Texts.of(())
        return Texts(self.offsets.whole(), self.data.whole())
