"""Folders that could not be read, or do not answer: under which hold, and until when."""

from __future__ import annotations

from dataclasses import replace

from agent.bills import backoff
from agent.bills.change import Change
from agent.bills.errors import NeedsAttention, NotAnswering
from agent.bills.holds import DISK_FULL, NOT_WRITABLE, Hold, folder_scope, new_hold
from agent.bills.instant import Instant
from agent.bills.outcomes import Failed, StepOutcome
from agent.bills.rows import Folder
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Part, Shared

_FAILURES_UNTIL_HOLD = 3


class FailedReadings(Part):
    """Writes down what follows where a folder could not be read, within the turn's transaction."""

    def __init__(self, shared: Shared, owners: Owners) -> None:
        super().__init__(shared)
        self._owners = owners

    def note(self, folder: Folder, outcome: StepOutcome, now: Instant) -> None:
        """Write down that a folder could not be read, and read it again later."""
        is_at_once = self._owners.failed(folder, outcome)
        failures = folder.failures + 1
        wait = min(self._map.plan.scan_seconds, backoff.backoff(folder.id, failures))
        changed = replace(folder, failures=failures, due=now.utc + max(wait, 0.5))
        error = outcome.error if isinstance(outcome, Failed) else None
        scope = folder_scope(folder.path)
        hold: Hold | None = None
        if isinstance(error, NeedsAttention):
            since = folder.missing_since if folder.missing_since is not None else now.utc
            changed = replace(changed, missing_since=since)
            # Only a mark that a person wants there is written while a folder is read.
            code = NOT_WRITABLE if error.code == DISK_FULL else error.code
            hold = new_hold(code, scope, error.message, error.advice, now.utc)
        elif failures >= _FAILURES_UNTIL_HOLD and error is not None:
            advice = error.advice or "It is tried again by itself."
            hold = new_hold("folder-not-readable", scope, error.message, advice, now.utc)
        if hold is not None:
            self._recorder.record(Change(holds=(hold,)), now.utc)
            # Where the disk does not answer, each try may cost a thread that never returns.
            changed = replace(changed, due=self._next_probe(folder, hold.code))
        if is_at_once:
            changed = self._owners.prepare(changed, now)
        self._memory.read_folders.discard(folder.id)
        self._recorder.record(Change(folder=changed), now.utc)
        self._map.note(changed, None)

    def does_not_answer(self, folder: Folder, error: NotAnswering, now: Instant) -> None:
        """Let the files of a folder wait while the disk of one does not answer.

        They go on after the next reading: when the disk has answered after all, or for a try.
        """
        scope = folder_scope(folder.path)
        hold = new_hold(error.code, scope, error.message, error.advice, now.utc)
        self._recorder.record(Change(holds=(hold,)), now.utc)
        self._memory.steady.pop(folder.id, None)  # an equal reading is news, too
        changed = replace(folder, due=self._next_probe(folder, error.code))
        self._recorder.record(Change(folder=changed), now.utc)
        self._map.note(changed, None)

    def _next_probe(self, folder: Folder, code: str) -> float | None:
        hold = self._holds.find(folder_scope(folder.path), (code,))
        return hold.due if hold is not None else None
