"""What would be sent, as a person reads it before anything is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.bills.plan import FIRST_LOOK_LIMIT
from agent.cli.tables import Column, counted, table
from agent.cli.terminal import people, say, say_lines
from agent.service.preview import FolderPreview, Portion

_MOST_REASONS = 5


def show_preview(folders: Sequence[FolderPreview]) -> None:
    """Say how many bills would be sent, how large they are and for which sites; and what not."""
    portions = [(seen, portion) for seen in folders for portion in seen.portions.values()]
    if portions:
        say_lines("\nWhat would be sent, once the agent runs:")
        people().print(_table(portions))
    else:
        say("There is nothing to send yet. Bills that come into the folders will be.")
    for seen in folders:
        if seen.problem is not None:
            say(f"From {seen.path} nothing is sent: {seen.problem}")
        if seen.is_asked and seen.new:
            say(
                f"{_why(seen)}, so none of them is sent until you say which go: "
                f'bill-agent admit "{seen.path}" --all (or --since DATE, or --none)'
            )
    _show_others(folders)


def _table(portions: list[tuple[FolderPreview, Portion]]) -> object:
    columns = [
        Column("Site", give="end", least=10),
        Column("Folder", give="middle", least=14),
        Column("Bills", is_number=True),
        Column("Size", is_number=True),
    ]
    rows = [
        [
            f"{portion.site} {portion.name}".strip(),
            seen.path,
            f"{portion.files:,}",
            megabytes(portion.size),
        ]
        for seen, portion in portions
    ]
    if len(rows) > 1:
        files = sum(portion.files for _, portion in portions)
        size = sum(portion.size for _, portion in portions)
        rows.append(["All", "", f"{files:,}", megabytes(size)])
    return table(columns, rows, console=people())


def _why(seen: FolderPreview) -> str:
    if seen.was_served:
        return f"The agent served {seen.path} before, and no longer knows what it sent from there"
    return f"More than {FIRST_LOOK_LIMIT} bills lie in {seen.path} already"


def _show_others(folders: Sequence[FolderPreview]) -> None:
    known = sum(each.with_result for each in folders)
    if known:
        bills = counted(known, "bill has its result", "bills have their results")
        say(f"{bills} already: not sent again.")
    reasons: Counter[tuple[str, str]] = sum((each.waiting for each in folders), Counter())
    for (message, advice), files in reasons.most_common(_MOST_REASONS):
        bills = counted(files, "bill has", "bills have")
        say(f"{bills} no site, and would wait: {message} {advice}")
    if len(reasons) > _MOST_REASONS:
        say(f"{len(reasons) - _MOST_REASONS:,} more reasons of this kind: bill-agent status")
    taken = sum(each.name_taken for each in folders)
    if taken:
        what = counted(taken, "bill has a JSON", "bills have JSONs")
        say(f"{what} beside that the agent did not write: they would ask first.")
    large = sum(each.too_large for each in folders)
    if large:
        say(f"{counted(large, 'bill is', 'bills are')} too large for Nectar (25 MB).")
    unsupported = sum(each.unsupported for each in folders)
    if unsupported:
        files_ = counted(unsupported, "file", "files")
        say(f"Nectar does not read {files_} of other kinds, such as .docx or .zip.")


def megabytes(size: int) -> str:
    """Return a size as people read it."""
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{max(1, round(size / 1e3)):,} kB"
