"""Milliseconds over people, both logarithmic, as a small SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 70, 170, 30, 50
COLOURS = ("#1b5e9b", "#b3541e", "#2e7d4f", "#6b4fa0", "#555555")


def plot(people: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """One line a name; every point is named in its title, so that the picture can be read aloud."""
    values = [value for line in lines.values() for value in line if value > 0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(min(people)), math.log10(max(people))

    def x(count: float) -> float:
        return LEFT + (math.log10(count) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(value) - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="13">',
        "<title>How the lake's answers grow with people</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10**power:g} ms</text>')
    for count in people:
        parts.append(
            f'<text x="{x(count):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{count:,}</text>'
        )
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">people; carriers of 1,000 rare variants</text>')
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        points = [(x(count), y(value)) for count, value in zip(people, line, strict=True) if value > 0]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (across, down), count, value in zip(points, people, line, strict=False):
            title = f"<title>{name}, {count:,} people: {value:.1f} ms</title>"
            parts.append(
                f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}">{title}</circle>'
            )
        across, down = points[-1]
        parts.append(f'<text x="{across + 10:.1f}" y="{down + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
