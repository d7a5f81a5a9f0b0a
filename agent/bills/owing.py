"""What should lie beside a file, and the state that people see: derived, never decided twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from agent.bills.cloud import IN_CLOUD, is_in_cloud
from agent.bills.rows import File, Submission
from agent.bills.stages import FileStage, ResultFate, State, SubmissionStage
from agent.bills.values import Beside

KEPT = "kept"
"""``present`` of a result from another environment that stays until ours replaces it."""

TO_GO = "to-go"
"""``present`` of a result that is to go because a person asked."""


def name_key(path: str) -> str:
    """Return what two spellings of one name have in common (case, composed letters)."""
    return unicodedata.normalize("NFC", path).casefold()


def orphaned(gone: File, others: Iterable[File]) -> bool:
    """Whether the result beside a file that is gone has moved on with its bytes (a rename).

    So it is when a file of the same bytes and site, first seen after this one was last seen, has
    its result. Another spelling of the same name is no move: on some volumes it is the same file.
    A result that a person edited is theirs and stays.
    """
    if gone.stage is not FileStage.GONE or not gone.present or gone.present == TO_GO:
        return False
    if gone.fate is ResultFate.EDITED:
        return False
    return any(
        other.stage in (FileStage.LINKED, FileStage.REJECTED)
        and other.sha256 == gone.sha256
        and other.submission_id == gone.submission_id
        and other.first_seen > gone.last_seen
        and other.present not in ("", TO_GO)
        and other.present == other.owed
        and name_key(other.path) != name_key(gone.path)
        for other in others
    )


def result_token(submission: Submission) -> str:
    """Return the name of the submission's newest revision."""
    return f"{submission.id}.{submission.revision}"


def rejection_token(file: File) -> str:
    """Return the name of a file's own rejection."""
    code = file.problem.code if file.problem else ""
    return f"rejected.{(file.sha256 or '')[:16]}.{code}"


def owe(file: File, submission: Submission | None, now: float) -> File:
    """Return ``file`` with what is owed to it, and when that is to be written.

    A file that is found again keeps what lies beside it until its bytes are known; a file that is
    gone keeps it for good.
    """
    owed = _owed(file, submission)
    file = replace(file, owed=owed, owed_since=now) if owed != file.owed else file
    if owed == file.present or not _may_write(file):
        return replace(file, write_due=None) if file.write_due is not None else file
    return file if file.write_due is not None else replace(file, write_due=now)


def _may_write(file: File) -> bool:
    """A result that people changed, or whose place is taken, is left alone.

    A file that asks about another site may still lose the result of its earlier bytes.
    """
    if file.fate is ResultFate.EDITED:
        return False
    return file.question is None or file.question.code == "asks-other-site"


def _owed(file: File, submission: Submission | None) -> str:
    match file.stage:
        case FileStage.FOUND | FileStage.SETTLED | FileStage.LEFT | FileStage.GONE:
            return "" if file.present == TO_GO else file.present
        case FileStage.REJECTED:
            return rejection_token(file)
        case FileStage.EXAMINED | FileStage.LINKED:
            if submission is not None and submission.stage.is_final:
                return result_token(submission)
            return KEPT if file.present == KEPT else ""


def public_state(file: File, submission: Submission | None) -> State:
    """Return the state that people see (contract, section 4).

    ``done`` and ``rejected`` are said only once the result lies beside the file.
    """
    if file.stage is FileStage.GONE:
        return State.GONE
    if file.question is not None:
        return State.ASKS
    match file.stage:
        case FileStage.LEFT:
            return State.LEFT
        case FileStage.REJECTED:
            return State.REJECTED if has_result(file) else State.WAITING
        case FileStage.LINKED if submission is not None:
            return _linked_state(file, submission)
        case _:
            return State.WAITING


def _linked_state(file: File, submission: Submission) -> State:
    if submission.stage in (SubmissionStage.QUEUED, SubmissionStage.WITHDRAWN):
        return State.WAITING
    if not submission.stage.is_final or not has_result(file):
        return State.SENT
    return State.DONE if submission.problem is None else State.REJECTED


def with_result(file: File, token: str, beside: Beside, now: float) -> File:
    """Return ``file`` with a result that lies there known as the one that ``token`` names."""
    return replace(
        file,
        present=token,
        present_sha256=beside.content_sha256,
        present_signature=beside.signature,
        present_at=now,
        fate=ResultFate.AS_WRITTEN,
        adoptable=None,
    )


def without_result(file: File) -> File:
    """Return ``file`` as one beside which nothing of ours is known."""
    return replace(
        file,
        present="",
        present_sha256=None,
        present_signature=None,
        fate=ResultFate.AS_WRITTEN,
        write_due=None,
    )


def has_result(file: File) -> bool:
    """Whether a result for these bytes was written, be it an earlier revision."""
    owner = file.owed.partition(".")[0]
    return bool(owner) and file.present.partition(".")[0] == owner


def earlier_result(owed: str) -> str:
    """Return the ``present`` of some result that came before the owed one, nobody knows which."""
    return f"{owed.partition('.')[0]}.0"


def public_code(file: File, submission: Submission | None) -> str | None:
    """Return the code beside the state, except holds of wider scopes, which the store knows."""
    if file.question is not None:
        return file.question.code
    if is_in_cloud(file):
        return IN_CLOUD
    if file.fate is ResultFate.EDITED and file.owed != file.present:
        return ResultFate.EDITED.value
    if file.stage is FileStage.REJECTED and file.problem and has_result(file):
        return file.problem.code
    if file.stage is not FileStage.LINKED or submission is None:
        return None
    if submission.stage is SubmissionStage.BEGUN and submission.doubt_ends is not None:
        return "upload-in-doubt"
    if not submission.stage.is_final or not has_result(file):
        return None
    if submission.problem is not None:
        return submission.problem.code
    return ResultFate.REMOVED.value if file.fate is ResultFate.REMOVED else None
