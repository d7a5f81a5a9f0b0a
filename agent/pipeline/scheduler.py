"""One turn: write down what came back, send out what is due, say when to look again."""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Iterable

from agent.bills.backoff import LONGEST_WAIT_SECONDS
from agent.bills.errors import AgentError, Transient
from agent.bills.holds import ACCOUNT, KEY_CODES
from agent.bills.instant import Instant
from agent.bills.outcomes import Bug
from agent.bills.plan import Plan
from agent.bills.rows import Folder
from agent.pipeline.asking import Answer, Requests
from agent.pipeline.choosing import Chooser
from agent.pipeline.concluding import Concluder
from agent.pipeline.digest import PART
from agent.pipeline.holding import HoldBook
from agent.pipeline.mapping import Map
from agent.pipeline.memory import Memory
from agent.pipeline.notices import HoldBegan, Notice
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Shared
from agent.pipeline.ports import Disk, Nectar
from agent.pipeline.readings import Readings
from agent.pipeline.recording import Recorder
from agent.pipeline.remaining import is_anything_moving
from agent.pipeline.taking_plans import PlanTaker
from agent.pipeline.work import Kind, Report, Step
from agent.store.store import Store
from agent.watch.timing import hint_quiet

_log = logging.getLogger(__name__)

_OF_THE_PLAN = frozenset({"folders", "companies", "account"})
"""What a step of these learns depends on the folders, the address and the key in force."""
CLOCK_JUMP_SECONDS = 5.0
"""The two clocks part by more than this only after a sleep, or when one was set."""


class Scheduler:
    """The one writer of the store. Not for use by several threads; only `report` is.

    ``start`` hands a step to a worker. ``wake`` is called when a report came. ``woke_up`` is
    called after a sleep, so that stale connections are dropped; ``key_changed`` before the key is
    asked for that may be another one by now. ``is_key_file_new`` is asked while a key is wanted;
    ``checkup`` for what the checks of a request found, None as long as they run.
    Turns that are further apart than ``longest_pause`` seconds tell of a sleep too: on Windows both
    clocks go on in one.
    """

    def __init__(
        self,
        store: Store,
        plan: Plan,
        nectar: Nectar,
        disk: Disk,
        start: Callable[[Step], None],
        *,
        version: str,
        wake: Callable[[], None] = lambda: None,
        woke_up: Callable[[], None] = lambda: None,
        met_bug: Callable[[], None] = lambda: None,
        key_changed: Callable[[], None] = lambda: None,
        checkup: Callable[[int], Answer | None] = lambda _: {"declined": ["No checks here."]},
        is_key_file_new: Callable[[], bool] = lambda: False,
        events_come: Callable[[str], bool] = lambda _: True,
        longest_pause: float = math.inf,
    ) -> None:
        self._store = store
        self._longest_pause = longest_pause
        self._start = start
        self._wake = wake
        self._met_bug = met_bug
        self._woke_up = woke_up
        self._is_key_file_new = is_key_file_new
        self._reports: deque[Report] = deque()
        self.memory = Memory()
        self.holds = HoldBook(store)
        self._recorder = Recorder(store, self.holds)
        self.map = Map(store, plan)
        shared = Shared(store, self.map, self.holds, self._recorder, self.memory)
        self._plans = PlanTaker(shared)
        owners = Owners(shared)
        self._readings = Readings(shared, owners, events_come, self._folder_taken_over)
        self._concluder = Concluder(shared, owners, self._readings)
        self._requests = Requests(
            shared, self._concluder, owners, self._readings, key_changed, checkup
        )
        self._chooser = Chooser(
            shared,
            self._concluder,
            owners,
            self._readings,
            nectar,
            disk,
            version,
            key_changed,
        )
        self._data_version: int | None = None
        self._has_requests = True
        self._is_careful = False

    def begin(self, now: Instant) -> None:
        """Take up what the last run left: facts only, so nothing has to be repaired."""
        with self._store.transaction():
            # The clock may have been set back meanwhile, or a moment damaged.
            self._store.pull_back(now.utc, LONGEST_WAIT_SECONDS)
            self._store.restart_quiet_times(now.utc)
            self._plans.take(self.map.plan, now)
            self._plans.take_up_uploads(now)
            self.holds.hasten(now.utc)
        # Who started the agent reads what it waits for, though it is not new.
        self._recorder.notices += [HoldBegan(hold, is_again=True) for hold in self.holds.all()]
        self.memory.last_turn = now

    def set_plan(self, plan: Plan, nectar: Nectar, now: Instant) -> None:
        """Put a changed configuration in force, with the client for its API address.

        Raises AgentError where the store cannot be written; it may be done again then.
        """
        try:
            with self._store.transaction():
                self._chooser.nectar = nectar
                self.memory.outdated = frozenset(
                    step for step in self.memory.out.values() if step.key.table in _OF_THE_PLAN
                )
                self._readings.abandon()
                self._plans.take(plan, now)
                self.holds.hasten(now.utc)
                self._concluder.linker.relink(now)
        except BaseException:
            self._forget_unwritten()
            raise

    def report(self, report: Report) -> None:
        """Take a worker's report. Safe from any thread."""
        self._reports.append(report)
        self._wake()

    def turn(self, now: Instant, hinted: Iterable[str] = ()) -> tuple[float | None, list[Notice]]:
        """Do one turn; return when to look again (UTC seconds), and what happened.

        Raises AgentError where the store cannot be written (a full disk, say). Nothing is lost
        then: what came back is kept, and the next turn writes it down.
        """
        told = list(self._recorder.notices)  # by a new plan, since the last turn
        out, last_turn = dict(self.memory.out), self.memory.last_turn
        read_companies = set(self.memory.read_companies)
        reports = list(self._reports)
        try:
            with self._store.transaction():
                self._notice_jumps(now)
                for report in reports:
                    self._conclude(report, now)
                self._is_careful = False
                self._go_on(now)
                self._hints(hinted, now)
                self._ask(now)
                self._requests.end_pauses(now)
                self._mind_the_key_file(now)
                self.memory.inspect |= self._recorder.inspect
                self._recorder.inspect.clear()
                chosen = self._chooser.choose(now)
        except BaseException:
            self.memory.out, self.memory.read_companies = out, read_companies
            self._readings.abandon(but=[report.step for report in reports])
            self.memory.last_turn = last_turn
            self._recorder.notices = told
            self._has_requests = True  # those that were answered are not
            self._forget_unwritten()
            raise
        self._drop(len(reports))
        if any(step.kind is Kind.SEND for step in chosen):
            # What leaves this machine is in the store's very file before it leaves.
            self._store.fold_journal()
        for step in chosen:
            self._start(step)
        notices, self._recorder.notices = self._recorder.notices, []
        with self._store.naming_errors():
            return self._next(now), notices

    def settle_up(self, now: Instant) -> None:
        """Write down what came back and send nothing out: the last act before the end."""
        reports = list(self._reports)
        with self._store.transaction():
            for report in reports:
                self._conclude(report, now)
            self._go_on(now)
        self._readings.abandon()
        self._drop(len(reports))

    def _go_on(self, now: Instant) -> None:
        """Write down parts of readings, as much as fits in a turn; a bug stops no other."""
        left = PART
        for step in self._readings.unfinished():
            try:
                with self._store.savepoint():
                    while left > 0 and self.memory.is_out(step.key):
                        left -= self._readings.go_on(step, now)
            except AgentError:
                raise
            except Exception as error:  # noqa: BLE001  # the bulkhead of the main loop
                self._note_bug(step, error, now)

    def _conclude(self, report: Report, now: Instant) -> None:
        """Write one report down; one that cannot be is a bug of its own row, and stops no other.

        The first time it undoes the whole turn, which is then done again with care: savepoints
        for each report would cost every turn what is needed in hardly any.
        """
        if not self._is_careful:
            try:
                with self._store.naming_errors():
                    self._concluder.conclude(report, now)
            except AgentError:
                raise
            except Exception as error:
                self._is_careful = True
                raise Transient("internal-error", f"{type(error).__name__}") from error
            return
        try:
            with self._store.savepoint():
                self._concluder.conclude(report, now)
        except AgentError:
            raise
        except Exception as error:  # noqa: BLE001  # the bulkhead of the main loop
            self._note_bug(report.step, error, now)

    def _note_bug(self, step: Step, error: Exception, now: Instant) -> None:
        """Let a step whose outcome could not be written down count as one that failed."""
        _log.exception("internal error in what follows from: %s", step.kind)
        self._met_bug()
        self._readings.drop(step)
        self._forget_unwritten()
        bug = Bug(f"{type(error).__name__} after {step.kind}")
        with self._store.savepoint():
            self._concluder.conclude(Report(step, bug), now)

    def _forget_unwritten(self) -> None:
        """Let memory say what the store says, after something was rolled back."""
        self.holds.reload()
        self.map.reload()
        self.memory.steady.clear()
        self._concluder.linker.link_all_again()

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._reports.popleft()

    def is_anything_moving(self) -> bool:
        """Whether something is due or brought on by time alone: what `once` waits for."""
        return bool(self._reports) or is_anything_moving(
            self._store, self.map, self.holds, self.memory
        )

    def is_in_a_reading(self) -> bool:
        """Whether a large reading is partly written down, so that the next turn is due at once."""
        return bool(self._readings.unfinished())

    def look_everywhere(self, now: Instant) -> None:
        """Read every folder and probe every hold at once: after a sleep, or when told so."""
        with self._store.transaction():
            self._concluder.looking_again.everywhere(now)

    # --- parts of a turn ----------------------------------------------------------------------

    def _ask(self, now: Instant) -> None:
        version = self._store.data_version()
        if version != self._data_version or self._has_requests:
            self._has_requests = self._requests.apply_all(now)
            self._data_version = version

    def _mind_the_key_file(self, now: Instant) -> None:
        """Use a new key in the file as soon as it is there, while one is wanted."""
        held = self.holds.find(ACCOUNT, KEY_CODES)
        if held is not None and (held.due or 0.0) > now.utc and self._is_key_file_new():
            self.holds.hasten_one(held, now.utc)

    def _hints(self, hinted: Iterable[str], now: Instant) -> None:
        by_path = self.map.ids_by_path()
        for path in hinted:
            folder_id = by_path.get(path)
            if folder_id is not None:
                folder = self.map.folders[folder_id]
                since = now.utc - folder.read_at if folder.read_at is not None else None
                self._readings.hearing.heard(folder, now)
                self._readings.hint(folder, now, hint_quiet(folder.read_seconds, since))

    def _notice_jumps(self, now: Instant) -> None:
        last, self.memory.last_turn = self.memory.last_turn, now
        if last is None:
            return
        by_wall, by_monotonic = now.utc - last.utc, now.monotonic - last.monotonic
        is_jump = abs(by_wall - by_monotonic) >= CLOCK_JUMP_SECONDS
        if not is_jump and by_monotonic < self._longest_pause:
            return
        self._store.pull_back(now.utc, LONGEST_WAIT_SECONDS)
        self.map.reload()
        self.memory.quiet.clear()
        self.memory.not_before = min(self.memory.not_before, now.utc + 60.0)
        self._store.restart_quiet_times(now.utc)
        self._concluder.looking_again.everywhere(now)
        self._woke_up()

    def _next(self, now: Instant) -> float | None:
        if self.is_in_a_reading():
            return now.utc
        moments = [self._store.next_due(now.utc)]
        moments += [
            moment
            for moment in (self.memory.not_before, self.memory.no_recall_before)
            if moment > now.utc
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def _folder_taken_over(self, folder: Folder, now: Instant) -> None:
        self._concluder.linker.seek_first(folder, now)
