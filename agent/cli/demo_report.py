"""What the demo read, from the results beside its bills: for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from agent.bills.answers import objects
from agent.bills.exact_json import parse_json
from agent.bills.names import result_path
from agent.cli.terminal import printable


@dataclass(frozen=True, slots=True)
class BillReport:
    """One bill and what its result says; ``result`` None where there is no result."""

    path: Path
    result: dict[str, Any] | None

    @property
    def outcome(self) -> str:
        """The outcome's word, ``no result yet`` where there is none."""
        return str(self.result["outcome"]) if self.result else "no result yet"

    @property
    def problem(self) -> dict[str, str] | None:
        """The problem with its sentence and next step."""
        return self.result["problem"] if self.result else None

    @property
    def sites(self) -> list[str]:
        """The sites that the usage is booked on, else the site that was asked for."""
        booked = [
            site.get("externalId") or site.get("name") or site.get("id")
            for record in self._records()
            if isinstance(site := record.get("site"), dict)
        ]
        asked = [self.result["site"]["externalId"]] if self.result else []
        return list(dict.fromkeys(str(each) for each in booked or asked if each))

    @property
    def usage(self) -> list[dict[str, Any]]:
        """The figure of each usage record with its unit and period, digits as Nectar gave them."""
        return [
            {
                "usage": record.get("usage"),
                "units": record.get("usageUnits"),
                "startDate": record.get("startDate"),
                "endDate": record.get("endDate"),
            }
            for record in self._records()
            if record.get("usage") is not None
        ]

    @property
    def charges(self) -> list[dict[str, Any]]:
        """The total of each document with its currency."""
        return [
            {"charges": document["totalCharges"], "units": document.get("chargesUnits")}
            for document in self._documents()
            if document.get("totalCharges") is not None
        ]

    def _documents(self) -> list[dict[str, Any]]:
        """The documents of the bill; those of a duplicate are what Nectar knew before."""
        if self.result is None:
            return []
        return objects(self.result["documents"]) or [
            each["document"] for each in self.result["duplicates"] if each["document"]
        ]

    def _records(self) -> Iterator[dict[str, Any]]:
        for document in self._documents():
            yield from objects(document.get("usageData"))


def report_of(path: Path) -> BillReport:
    """Read the result beside a bill."""
    try:
        result = parse_json(Path(result_path(str(path))).read_bytes())
    except (OSError, ValueError):
        result = None
    return BillReport(path, result)


def as_json(report: BillReport) -> dict[str, Any]:
    """Return one bill for programs."""
    return {
        "path": str(report.path),
        "outcome": report.result["outcome"] if report.result else None,
        "problem": report.problem,
        "copyOf": report.result["copyOf"] if report.result else None,
        "sites": report.sites,
        "usage": report.usage,
        "charges": report.charges,
        "result": result_path(str(report.path)) if report.result else None,
    }


def table_of(reports: list[BillReport]) -> Table:
    """Return the table of what was read; why something was not read stands in `reasons`."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("File", overflow="fold", ratio=3)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Site", overflow="fold")
    table.add_column("Usage", justify="right", overflow="fold", ratio=2)
    table.add_column("Charges", justify="right", overflow="fold")
    for report in reports:
        is_copy = report.result is not None and report.result["copyOf"] is not None
        table.add_row(
            Text(printable(report.path.name)),
            Text(
                f"{report.outcome} (copy)" if is_copy else report.outcome,
                style="green" if report.problem is None and report.result else "yellow",
            ),
            Text("\n".join(report.sites)),
            Text("\n".join(_words(each, "usage") for each in report.usage)),
            Text("\n".join(_words(each, "charges") for each in report.charges)),
        )
    return table


def reasons(reports: list[BillReport]) -> Iterator[str]:
    """Yield a sentence for each bill without usage: why, and the next step."""
    for report in reports:
        if report.problem is not None:
            yield f"{report.path.name}: {report.problem['message']} {report.problem['advice']}"
    if any(report.outcome == "no-data" for report in reports):
        yield "The stand-in reads text only; Nectar reads pictures and scans as well."


def _words(figure: dict[str, Any], of: str) -> str:
    return printable(f"{figure[of]} {figure['units'] or ''}".rstrip())
