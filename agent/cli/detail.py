"""One file in full: as facts for programs, and as a page for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from agent import __version__
from agent.bills.answers import Answers, objects
from agent.bills.instant import utc_text
from agent.bills.rows import Submission
from agent.bills.stages import FileStage
from agent.bills.values import Outcome
from agent.cli.tables import counted, moment
from agent.cli.terminal import facts, printable
from agent.pipeline.result_content import submission_content
from agent.results.recognise import parse_result
from agent.store.views import BillDetail, RevisionView

_LABEL_WIDTH = 11


def detail_facts(detail: BillDetail, revision: int, answers: Answers | None) -> dict[str, Any]:
    """Return what ``bills show --json`` says beside the file's row; ``answers`` of ``revision``."""
    file = detail.file
    content = _content(detail, revision, answers)
    return {
        "advice": detail.view.advice,
        "file": {
            "size": file.signature.size,
            "sha256": file.sha256,
            "modified": utc_text(file.signature.modified),
        },
        "dismissed": file.dismissed,
        "copyOf": file.copy_of,
        "warnings": content["warnings"] if content is not None else [],
        "job": content["job"] if content is not None else _job_under_way(detail.submission),
        "documents": content["documents"] if content is not None else [],
        "duplicates": content["duplicates"] if content is not None else [],
        "revision": revision or None,
        "revisions": [_revision_facts(each) for each in detail.revisions],
        "history": [{"at": utc_text(each.at), "what": each.what} for each in detail.history],
    }


def show_detail(detail: BillDetail, revision: int, answers: Answers | None, now: float) -> None:
    """Print the page of one file."""
    for label, text in _lines(detail, now):
        _print(label, text)
    content = _content(detail, revision, answers)
    if content is not None:
        for number, document in enumerate(content["documents"], start=1):
            usage = counted(
                len(objects(document.get("usageData"))), "usage record", "usage records"
            )
            _print("Document" if number == 1 else "", f"{document.get('id')}: {usage}")
        for duplicate in content["duplicates"]:
            _print("Duplicate", f"of {duplicate['id']}")
    for number, each in enumerate(detail.revisions):
        outcome = each.outcome.value if each.outcome is not None else ""
        here = " (shown)" if each.revision == revision and len(detail.revisions) > 1 else ""
        text = f"{each.revision} of {moment(each.at, now)}: {outcome}{here}"
        _print("Revisions" if number == 0 else "", text)
    for number, event in enumerate(detail.history):
        _print("History" if number == 0 else "", f"{moment(event.at, now)}  {event.what}")


def _lines(detail: BillDetail, now: float) -> Iterator[tuple[str, str]]:
    view, file, submission = detail.view, detail.file, detail.submission
    yield "File", view.path
    yield "Folder", view.folder
    yield "Site", view.site or "not known"
    code = f" ({view.code})" if view.code else ""
    yield "State", f"{view.state.value}{code} since {moment(view.since, now)}"
    if view.message:
        yield "Reason", view.message
    if view.advice:
        yield "Next step", view.advice
    if view.outcome is not None:
        yield "Outcome", view.outcome.value
    yield "Result", view.result or "none"
    if file.copy_of is not None:
        yield "Copy of", file.copy_of
    yield "Size", f"{file.signature.size:,} bytes, changed {moment(file.signature.modified, now)}"
    if file.sha256 is not None:
        yield "SHA-256", file.sha256
    if submission is not None:
        yield "For", f"{submission.place.words}, {submission.place.company_name}"
        if submission.job_id is not None:
            yield "Job", submission.job_id
        if submission.sent_at is not None:
            yield "Sent", moment(submission.sent_at, now)
        if submission.answered_at is not None:
            yield "Answered", moment(submission.answered_at, now)
        for warning in submission.warnings:
            yield "Warning", f"{warning.message} ({warning.code})"


def _print(label: str, text: str) -> None:
    """Print one fact; a long sentence goes on below itself, a long path stays in one piece."""
    lines = textwrap.wrap(
        printable(text),
        max(facts().width - _LABEL_WIDTH, 20),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for number, line in enumerate(lines or [""]):
        shown = label if number == 0 else ""
        facts().print(f"{shown:<{_LABEL_WIDTH}}{line}", soft_wrap=True)


def _content(detail: BillDetail, revision: int, answers: Answers | None) -> dict[str, Any] | None:
    """Return the result of one revision as it is, or was, written beside the file."""
    submission = detail.submission
    kept = next((each for each in detail.revisions if each.revision == revision), None)
    if submission is None or kept is None or detail.file.sha256 != submission.sha256:
        return None
    then = replace(
        submission,
        revision=kept.revision,
        revision_at=kept.at,
        outcome=kept.outcome or Outcome.FAILED,
        warnings=kept.warnings,
    )
    # The file may be gone by now; what was written beside it is still known.
    file = replace(detail.file, stage=FileStage.LINKED, owed_since=kept.at)
    return dict(parse_result(submission_content(file, then, answers, __version__)))


def _job_under_way(submission: Submission | None) -> dict[str, Any] | None:
    """Return the job of an upload that has no result yet."""
    if submission is None or not submission.stage.was_begun:
        return None
    return {
        "id": submission.job_id,
        "sent": utc_text(submission.sent_at) if submission.sent_at is not None else None,
        "answered": None,
        "nectar": None,
    }


def _revision_facts(each: RevisionView) -> dict[str, Any]:
    return {
        "revision": each.revision,
        "at": utc_text(each.at),
        "outcome": each.outcome.value if each.outcome is not None else None,
        "code": each.code,
    }
