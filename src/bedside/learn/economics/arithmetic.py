"""Works out a sum of names over many draws at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from bedside.knowledge.expression import Expression, Name, Number

_BY_OPERATOR: Mapping[str, Callable[..., npt.NDArray[np.float64]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "min": np.minimum,
    "max": np.maximum,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
}


def work_out(
    expression: Expression, numbers: Mapping[str, npt.NDArray[np.float64]]
) -> npt.NDArray[np.float64]:
    """The values of an expression; not a number wherever a number it rests on is not known."""
    if isinstance(expression, Number):
        return np.array([expression.value])
    if isinstance(expression, Name):
        return numbers[expression.name]
    parts = [work_out(part, numbers) for part in expression.parts]
    with np.errstate(all="ignore"):
        return _BY_OPERATOR[expression.operator](*parts)
