"""The disk as the pipeline asks for it, made of the real readers and writers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent.bills.cloud import IN_CLOUD, waiting_for_cloud
from agent.bills.errors import NeedsAttention, Transient
from agent.bills.instant import utc_text
from agent.bills.outcomes import Examined, Looked, ReadBack, Unfit
from agent.bills.plan import FolderPlan
from agent.bills.values import Beside, Mark, Reading, Sha256, Signature
from agent.files import examiner as examining
from agent.files.cloud import Cloud
from agent.files.content import Changed, read_for_upload
from agent.files.end_mark import end_mark
from agent.files.examiner import Examiner
from agent.files.signature import signature
from agent.results import beside as lying_beside
from agent.results.beside import remove_leftovers
from agent.results.reading_back import read_back
from agent.service import clock
from agent.service.patience import Patience
from agent.system.identity import AgentIdentity
from agent.system.os_errors import naming_os_errors
from agent.system.signs_of_life import disk_answered, waiting_for_no_disk
from agent.system.volumes import name_folding
from agent.watch.folders import WatchedFolder
from agent.watch.mark import read_mark, replace_mark, write_mark
from agent.watch.reading import read_folder

HASTY_SECONDS = 5.0
"""How long an upload waits for the answer of a disk: others want to talk to Nectar."""


class RealDisk:
    """Folders, bills and results on this machine's disks and shares. Safe from any thread."""

    def __init__(
        self,
        examiner: Examiner,
        identity: AgentIdentity,
        cloud: Cloud | None = None,
        *,
        hasty_seconds: float = HASTY_SECONDS,
    ) -> None:
        self._patience = Patience(hasty_seconds)
        self._examiner = examiner
        self._identity = identity
        self._cloud = cloud or Cloud()
        self._brought: dict[str, Signature] = {}
        """Files that were read to their end and still count as placeholders: some never cease."""
        self.watched: Mapping[str, WatchedFolder] = {}
        """The folders in force, by path, with their rules."""
        self._folds: dict[str, bool] = {}

    def close(self) -> None:
        """End what is being fetched from the cloud, and let no upload wait for a disk."""
        self._patience.close()
        self._cloud.close()

    def read(
        self, folder: FolderPlan, *, claim: float | None, take: float | None, tidy: bool
    ) -> Reading:
        """Read a folder; see the port."""
        watched = self.watched[folder.path]
        if take is not None:
            with naming_os_errors(folder.path, of="folder", writing=True):
                replace_mark(folder.path, self._mark(take))
        folds = self._names_fold(folder.path)
        if folds != watched.folds:
            watched = replace(watched, folds=folds)
        reading = read_folder(watched, lambda: clock.now().monotonic)
        if claim is not None and reading.mark is None and reading.writable:
            try:
                mark = write_mark(folder.path, self._mark(claim))
            except OSError:
                reading = replace(reading, writable=False)
            else:
                # Ours is told only where it was there before: a folder that carries it although
                # the store does not know the folder means that the store was lost.
                if mark.agent_id != self._identity.id:
                    reading = replace(reading, mark=mark)
        if self._brought:
            reading = self._without_brought(reading)
        is_ours = reading.mark is None or reading.mark.agent_id == self._identity.id
        if tidy and is_ours and reading.writable:
            remove_leftovers(reading.leftovers)
        return replace(reading, leftovers=()) if reading.leftovers else reading

    def look(self, path: str) -> Looked | None:
        """Return the file's stat and whether it is complete; see the port."""
        with _naming(path):
            found = signature(path)
            if found is None:
                if self._cloud.holds(path):
                    raise _in_cloud(path)
                return None
            self._need_content(path, found)
            try:
                return Looked(found, end_mark(path, found.size).is_complete)
            except FileNotFoundError:
                return None

    def signature(self, path: str) -> Signature | None:
        """Return the file's stat alone; see the port."""
        with _naming(path):
            return signature(path)

    def examine(self, path: str, expected: Signature) -> Examined | Unfit | None:
        """Read the file once and tell what it is and what lies beside it; see the port."""
        self._need_content(path, expected)
        beside = self.beside(path)
        with _naming(path):
            found = self._examiner.examine(path, expected)
        if isinstance(found, Changed):
            return None
        if isinstance(found, examining.Unfit):
            return Unfit(expected, found.sha256, found.problem, beside)
        return Examined(expected, found.sha256, found.kind, beside)

    def bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        """Return the file's bytes if they have this sha256; see the port."""
        folder = os.path.dirname(path)  # noqa: PTH120 - exact names
        return self._patience.wait_for(folder, lambda: self._bytes_of(path, sha256))

    def _bytes_of(self, path: str, sha256: Sha256) -> bytes | None:
        with _naming(path):
            found = signature(path)
            if found is None:
                if self._cloud.holds(path):
                    raise _in_cloud(path)
                return None
            self._need_content(path, found)
            content = read_for_upload(path, sha256)
        return None if isinstance(content, Changed) else content

    def is_ours(self, folder: str) -> bool:
        """Whether the folder's mark is ours now; see the port."""
        return self._patience.wait_for(folder, lambda: self._is_ours(folder))

    def _is_ours(self, folder: str) -> bool:
        with naming_os_errors(folder, of="folder"):
            try:
                mark = read_mark(folder)
            except NeedsAttention:
                return False
        return mark is not None and mark.agent_id == self._identity.id

    def beside(self, path: str) -> Beside:
        """Return what lies at the place of the file's result."""
        disk_answered()
        with _result_may_be_in_cloud():
            return lying_beside.look(path)

    def read_back(self, beside: Beside) -> ReadBack | None:
        """Return a result of ours as values."""
        return read_back(beside)

    def write_result(
        self, path: str, content: bytes, may_replace: Sha256 | None
    ) -> tuple[Sha256, Signature] | Beside:
        """Make ``content`` the file's result; see the port."""
        with _result_may_be_in_cloud():
            put = lying_beside.write(path, content, may_replace)
        if isinstance(put, lying_beside.Kept):
            return put.beside
        return put.sha256, put.signature

    def is_folder(self, path: str) -> bool:
        """Whether a directory is there now; see the port."""
        return os.path.isdir(path)  # noqa: PTH112  # exact names

    def remove_result(self, path: str, expected: Sha256) -> bool:
        """Remove the file's result if it is the expected one; see the port."""
        with _result_may_be_in_cloud():
            return lying_beside.remove(path, expected)

    def recall(self, path: str) -> bool:
        """Bring the file's content from the cloud; see the port."""
        with waiting_for_no_disk():
            if not self._cloud.bring(path):
                return False
        with _naming(path):
            found = signature(path)
        if found is not None and self._cloud.holds(path):
            self._brought[path] = found
        return found is not None

    def _need_content(self, path: str, found: Signature) -> None:
        """Raise ``waiting-for-cloud`` where the content is not here: reading would fetch it."""
        if self._cloud.holds(path) and self._brought.get(path) != found:
            raise _in_cloud(path)

    def _without_brought(self, reading: Reading) -> Reading:
        signatures = {seen.path: seen.signature for seen in reading.seen}
        here = {
            path for path in reading.placeholders if self._brought.get(path) == signatures.get(path)
        }
        in_cloud = tuple(path for path in reading.placeholders if path not in here)
        return replace(reading, placeholders=in_cloud)

    def _mark(self, since: float) -> Mark:
        identity = self._identity
        return Mark(identity.id, identity.machine, identity.user, utc_text(since))

    def _names_fold(self, path: str) -> bool:
        if path not in self._folds:
            folding = name_folding(path)
            self._folds[path] = folding.case or folding.composition
        return self._folds[path]


def _in_cloud(path: str) -> NeedsAttention:
    why = waiting_for_cloud(path)
    return NeedsAttention(why.code, why.message, why.advice)


@contextlib.contextmanager
def _result_may_be_in_cloud() -> Iterator[None]:
    """Let trouble with a result that is itself in the cloud be no hold of its bill."""
    try:
        yield
    except NeedsAttention as error:
        if error.code != IN_CLOUD:
            raise
        raise Transient("result-in-cloud", error.message, error.advice) from error


def _naming(path: str) -> contextlib.AbstractContextManager[None]:
    return naming_os_errors(path, of="file")
