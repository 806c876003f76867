"""Small sums of named numbers, as models write them: `2 * test + (1 - uptake) * care`.

Read into a tree of plain values; nothing of the text is ever run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

FUNCTIONS = {"min": 2, "max": 2, "exp": 1, "log": 1, "sqrt": 1}
"""What may be called, and with how many numbers."""
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A number by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator (`+ - * / **`) or one of FUNCTIONS on its parts."""

    operator: str
    parts: tuple[Expression, ...]


Expression = Number | Name | Apply


def parse_expression(said: object) -> Expression:
    """The expression of a number or a text; raises ValueError with what is wrong."""
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        raise ValueError("is neither a number nor a sum of names")
    if not isinstance(said, str):
        return Number(float(said))
    if len(said) > LONGEST:
        raise ValueError(f"is longer than {LONGEST} characters; name a part of it under [[derived]]")
    try:
        tree = ast.parse(said.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"is no sum of names: {said!r}") from error
    return _read(tree.body)


def _read(node: ast.expr) -> Expression:
    match node:
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            return Number(float(value))
        case ast.Name(id=name):
            return Name(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Apply("-", (Number(0.0), _read(operand)))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return Apply(_OPERATORS[type(operator)], (_read(left), _read(right)))
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in FUNCTIONS:
            if len(parts) != FUNCTIONS[name]:
                raise ValueError(f"{name} takes {FUNCTIONS[name]} number(s)")
            return Apply(name, tuple(_read(part) for part in parts))
    allowed = ", ".join(FUNCTIONS)
    raise ValueError(f"holds what is not allowed: only names, numbers, + - * / ** and {allowed}")


def names_in(expression: Expression) -> Iterator[str]:
    """Every name an expression speaks of."""
    if isinstance(expression, Name):
        yield expression.name
    elif isinstance(expression, Apply):
        for part in expression.parts:
            yield from names_in(part)
