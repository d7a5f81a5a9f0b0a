"""The service's care for its store: opened, copied once a day, and what is told when it fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from agent.bills.errors import AgentError, Transient
from agent.bills.holds import ACCOUNT, Hold, new_hold
from agent.bills.instant import Instant
from agent.pipeline.notices import HoldBegan, HoldEnded, Notice, StoreBegunAnew
from agent.service.trouble import TroubleNote
from agent.store.backup import back_up, backup_path, has_room, is_due
from agent.store.beginning import note_suspicion, open_or_begin_anew
from agent.store.checking import examine
from agent.store.connecting import store_path
from agent.store.naming import StoreDamagedError
from agent.store.remembered import RUN_PID, RUN_SINCE, SETTINGS_ERROR, STORE_BEGUN

LOOK_SECONDS = 60.0
"""How often it is asked whether the daily copy is due: one ``stat``."""
RETRY_SECONDS = 3600.0
"""A copy that could not be made is tried again after this long."""
FINISH_SECONDS = 30.0
TRIAL_SECONDS = 5.0
TRIAL_BYTES = 100_000
"""So much must find room before a full disk counts as one that is full no more.

Beside what the write-ahead log gave back: that is no news, and soon used up.
"""

_log = logging.getLogger(__name__)


class StoreKeeper:
    """Keeps one store for one run. The caller holds the lock of the data directory."""

    def __init__(self, data_dir: Path, now: Instant) -> None:
        self.path = store_path(data_dir)
        self.store, self._began_anew = open_or_begin_anew(self.path, now.utc)
        self._begun_at = float(self.store.meta(STORE_BEGUN) or now.utc)
        self._note = TroubleNote(data_dir)
        self._trouble: Hold | None = None
        self._given_back = 0
        self._next_trial = now.monotonic
        self._next_look = now.monotonic
        self._worker: threading.Thread | None = None
        self._is_stopping = threading.Event()
        self._is_suspect = False
        self._next_examination = now.monotonic
        self._damage: StoreDamagedError | None = None

    def _can_write(self) -> bool:
        try:
            for trial in (" " * (TRIAL_BYTES + self._given_back), None):
                with self.store.transaction():
                    self.store.set_meta("trial", trial)
        except StoreDamagedError:
            raise
        except AgentError:
            return False
        return True

    def note_run(self, pid: int, now: Instant) -> None:
        """Note which process runs, and since when."""
        with self.store.transaction():
            self.store.set_meta(RUN_PID, str(pid))
            self.store.set_meta(RUN_SINCE, str(now.utc))
            self.store.set_meta(SETTINGS_ERROR, None)

    def first_notices(self) -> list[Notice]:
        """Return what people should read about how the store was found."""
        if self._began_anew is None:
            return []
        _log.error("%s", self._began_anew)
        return [StoreBegunAnew(self._began_anew)]

    def failed(self, error: AgentError, now: Instant) -> list[Notice]:
        """Return what people should read, once for one cause, about a turn that was not written.

        Trouble that passes by itself is not theirs.
        """
        if isinstance(error, Transient):
            _log.warning("the store was not written: %s", error)
            return []
        if error.code == "disk-full":
            self._given_back = max(self._given_back, self.store.make_room())
        if self._trouble is not None and self._trouble.code == error.code:
            return []
        _log.error("the store cannot be written: %s", error)
        self._next_trial = now.monotonic + TRIAL_SECONDS
        self._trouble = new_hold(error.code, ACCOUNT, error.message, error.advice, now.utc)
        self._note.write(self._trouble)
        return [HoldBegan(self._trouble)]

    def went_well(self, now: Instant) -> list[Notice]:
        """Return what people should read after a turn that went well: that a trouble is over.

        A turn may have had nothing to write, or little. So it is tried whether more can be written.
        """
        if self._trouble is None or now.monotonic < self._next_trial:
            return []
        self._next_trial = now.monotonic + TRIAL_SECONDS
        if not self._can_write():
            return []
        ended, self._trouble, self._given_back = self._trouble, None, 0
        self._note.write(None)
        _log.info("the store can be written again")
        return [HoldEnded(ended)]

    def suspect(self) -> None:
        """Look soon whether the store is to blame for an internal error."""
        self._is_suspect = True

    def damaged(self, damage: StoreDamagedError) -> None:
        """Let the next start look at the store in full, and put it aside if the damage is there."""
        _log.critical("%s", damage)
        note_suspicion(self.path, damage.message)

    def look(self, now: Instant) -> None:
        """Make the daily copy when it is due; after an internal error examine the store.

        Both are done in a thread. Raises StoreDamagedError where one showed damage.
        """
        self.store.check_in_place()
        if self._damage is not None:
            raise self._damage
        if self._worker is not None and self._worker.is_alive():
            return
        if self._is_suspect and now.monotonic >= self._next_examination:
            self._is_suspect = False
            self._next_examination = now.monotonic + RETRY_SECONDS
            self._start(self._examine)
            return
        if now.monotonic < self._next_look:
            return
        self._next_look = now.monotonic + LOOK_SECONDS
        if not is_due(self.path, self._begun_at, now.utc):
            return
        if not has_room(self.path):
            _log.warning("there is no room for a backup of %s", self.path)
            self._next_look = now.monotonic + RETRY_SECONDS
            return
        self._start(self._copy)

    def finish(self) -> None:
        """Wait for a copy that is being made: a short run may be the only one of its day."""
        if self._worker is not None:
            self._worker.join(FINISH_SECONDS)

    def close(self) -> None:
        """Close the store; a copy that is being made is given up."""
        self._is_stopping.set()
        if self._worker is not None:
            self._worker.join(1.0)
        self.store.close()
        self._note.remove()

    def _start(self, work: Callable[[], None]) -> None:
        self._worker = threading.Thread(target=work, name="store", daemon=True)
        self._worker.start()

    def _examine(self) -> None:
        try:
            examine(self.path)
        except StoreDamagedError as damage:
            self._damage = damage
        except AgentError as error:
            _log.warning("the store could not be looked at: %s", error)

    def _copy(self) -> None:
        try:
            if back_up(self.path, backup_path(self.path), self._is_stopping.is_set):
                _log.info("a backup of the store was made: %s", backup_path(self.path))
        except StoreDamagedError as damage:
            self._damage = damage
        except AgentError as error:
            _log.warning("no backup of the store could be made: %s", error)
            self._next_look += RETRY_SECONDS
