"""One line of the table: a cost, what it may be, what it was."""

import json
import sys
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """A measured cost; *figure* and *limit* have the same *unit*.

    ``is_most`` tells whether the limit is a ceiling or a floor; without a limit the row
    is there for comparison.
    """

    cost: str
    figure: float
    unit: str
    limit: float | None = None
    is_most: bool = True
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the budget is kept; None when there is none."""
        if self.limit is None:
            return None
        if self.is_most:
            return self.figure <= self.limit
        return self.figure >= self.limit


def print_rows(rows: list[Row]) -> None:
    """Write rows to standard output, for the process that asked for them."""
    json.dump([asdict(row) for row in rows], sys.stdout)


def read_rows(text: str) -> list[Row]:
    """Read what :func:`print_rows` wrote."""
    return [Row(**values) for values in json.loads(text)]


def as_markdown(rows: list[Row]) -> str:
    """Return the table that goes into results.md."""
    lines = ["| Cost | Measured | Budget | Holds |", "|---|---|---|---|"]
    for row in rows:
        sign = "≤" if row.is_most else "≥"
        budget = "" if row.limit is None else f"{sign} {_number(row.limit, row.unit)}"
        verdict = {None: "", True: "yes", False: "**no**"}[row.holds]
        note = f" ({row.note})" if row.note else ""
        figure = _number(row.figure, row.unit)
        lines.append(f"| {row.cost}{note} | {figure} | {budget} | {verdict} |")
    return "\n".join(lines) + "\n"


def _number(value: float, unit: str) -> str:
    if unit == "ratio":
        return f"{value:.2f}"
    digits = 0 if abs(value) >= 100 else 1
    return f"{value:.{digits}f} {unit}".strip()
