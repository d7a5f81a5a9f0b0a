"""What people asked for: requests from the store are applied, within the turn's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from agent.bills import apply, questions
from agent.bills.apply import Admission, Declined
from agent.bills.change import Change, file_events
from agent.bills.holds import folder_scope
from agent.bills.instant import Instant
from agent.bills.rows import File, Folder, Submission
from agent.bills.stages import FileStage, State
from agent.pipeline.concluding import Concluder
from agent.pipeline.owners import Owners
from agent.pipeline.parts import Part, Shared
from agent.pipeline.readings import Readings
from agent.pipeline.remaining import is_anything_moving
from agent.pipeline.work import Key
from agent.store.codec import number_of
from agent.store.remembered import PAUSE
from agent.store.requests import Request

Answer = dict[str, Any]


class Requests(Part):
    """Applies requests; ``key_changed`` is called when a new API key was set.

    ``checkup`` returns what the checks of a request found, None as long as they run.
    """

    def __init__(
        self,
        shared: Shared,
        concluder: Concluder,
        owners: Owners,
        readings: Readings,
        key_changed: Callable[[], None],
        checkup: Callable[[int], Answer | None],
    ) -> None:
        super().__init__(shared)
        self._concluder = concluder
        self._owners = owners
        self._readings = readings
        self._key_changed = key_changed
        self._checkup = checkup

    def apply_all(self, now: Instant) -> bool:
        """Apply every request that can be applied now; return whether one about a row waits."""
        waits = False
        for request in self._store.requests():
            answer = self._apply(request, now)
            if answer is not None:
                self._store.answer_request(request.id, answer, now.utc)
            waits = waits or answer is None
        return waits

    def _apply(self, request: Request, now: Instant) -> Answer | None:
        payload = request.payload
        match request.kind:
            case "retry" | "send" | "rewrite" | "dismiss":
                return self._files(request.kind, payload, now)
            case "admit":
                return self._admit(payload, now)
            case "take":
                return self._take(str(payload.get("folder")), now)
            case "pause" | "resume":
                return self._pause(request.kind, payload, now)
            case "rescan":
                return self._rescan(payload.get("folder"), now)
            case "wait-until-still":
                moves = is_anything_moving(self._store, self._map, self._holds, self._memory)
                return None if moves else {"message": "Nothing moves by itself any more."}
            case "key-changed":
                self._key_changed()
                self._holds.hasten(now.utc)
                return {"message": "The new key is used from now on."}
            case "checkup":
                if now.utc > float(payload.get("until") or 0.0):
                    return {"declined": ["Nobody waits for it any more."]}
                return self._checkup(request.id)
            case _:
                return {"declined": [f"This version does not know the request {request.kind}."]}

    def _files(self, kind: str, payload: dict[str, Any], now: Instant) -> Answer | None:
        files: list[File] = []
        declined: list[str] = []
        if payload.get("all"):
            files = [
                *self._store.files_in_state(State.REJECTED),
                *(
                    file
                    for file in self._store.files_in_state(State.ASKS)
                    if file.question and file.question.code == questions.INTERNAL_ERROR
                ),
            ]
        if payload.get("folder"):
            path = str(payload["folder"])
            folder_id = self._map.ids_by_path().get(path)
            if folder_id is None:
                return {"declined": [f"{path} is not watched."]}
            files = [
                file
                for file in self._store.files_in(folder_id)
                if file.stage is not FileStage.GONE and file.owed and file.question is None
            ]
        for path in payload.get("files", ()):
            file = self._store.file_at(str(path))
            if file is None:
                declined.append(f"{path} is not known; it lies in no watched folder.")
            else:
                files.append(file)
        if any(self._is_under_way(file) for file in files):
            return None
        done = 0
        for file in files:
            change = self._one(kind, file, now)
            if isinstance(change, Declined):
                declined.append(change.message)
                continue
            done += 1
            self._recorder.record(change, now.utc)
            if kind == "send":
                self._concluder.linker.link(file.id, now)
        return {"done": done, "declined": declined}

    def _one(self, kind: str, file: File, now: Instant) -> Change | Declined:
        # The row anew: another file of the same request may have changed its submission.
        file = self._store.file(file.id) or file
        submission = self._submission(file)
        match kind:
            case "retry":
                return apply.retry(file, submission, now.utc)
            case "send":
                return apply.send(file, now.utc)
            case "rewrite":
                return apply.rewrite(file, submission, now.utc)
            case _:
                return apply.dismiss(file, now.utc)

    def _submission(self, file: File) -> Submission | None:
        if file.submission_id is None:
            return None
        return self._store.submission(file.submission_id)

    def _is_under_way(self, file: File) -> bool:
        return self._memory.is_out(Key("files", file.id)) or (
            file.submission_id is not None and self._memory.is_out_submission(file.submission_id)
        )

    def _admit(self, payload: dict[str, Any], now: Instant) -> Answer | None:
        path = str(payload.get("folder"))
        folder_id = self._map.ids_by_path().get(path)
        if folder_id is None:
            return {"declined": [f"{path} is not watched."]}
        if folder_id in self._readings.undecided():
            return None  # the answer is for all of them
        since = payload.get("since")
        answer = Admission(
            is_all=bool(payload.get("all")), since=date.fromisoformat(since) if since else None
        )
        decided = apply.admit(tuple(self._store.files_in(folder_id)), answer, now.utc)
        for file in decided:
            text = "admitted by a person" if file.due is not None else "left: a person answered"
            events = file_events(file, (text,), now.utc)
            self._recorder.record(Change(files=(file,), events=events), now.utc)
        ended = self._holds.end(folder_scope(path), questions.FIRST_LOOK, now.utc)
        self._recorder.notices += ended
        admitted = sum(file.due is not None for file in decided)
        return {"done": admitted, "left": len(decided) - admitted, "declined": []}

    def _take(self, path: str, now: Instant) -> Answer | None:
        folder_id = self._map.ids_by_path().get(path)
        if folder_id is None:
            return {"declined": [f"{path} is not watched."]}
        is_new = path not in self._memory.take
        answer = self._owners.ask_to_take(path)
        if is_new:
            self._readings.hint(self._map.folders[folder_id], now, 0.0)
        return answer

    def _pause(self, kind: str, payload: dict[str, Any], now: Instant) -> Answer:
        path = payload.get("folder") or ""
        if path and path not in self._map.ids_by_path():
            return {"declined": [f"{path} is not watched."]}
        if kind == "pause":
            seconds = payload.get("seconds")
            self._set_pause(path, now.utc + float(seconds) if seconds else 0.0, now)
            return {"done": 1, "declined": []}
        self._set_pause(path, None, now)
        if not path:
            for folder in self._map.plan.folders:
                self._set_pause(folder.path, None, now)
        return {"done": 1, "declined": []}

    def _set_pause(self, path: str, until: float | None, now: Instant) -> None:
        """Pause a folder (all where ``path`` is empty) until then, 0 for good; None ends it."""
        self._store.set_meta(f"{PAUSE}{path}", None if until is None else str(until))
        self._memory.pauses = None
        folder_id = self._map.ids_by_path().get(path)
        if folder_id is not None:
            self._set_paused(self._map.folders[folder_id], is_paused=until is not None, now=now)

    def _set_paused(self, folder: Folder, *, is_paused: bool, now: Instant) -> None:
        changed = replace(folder, is_paused=is_paused)
        self._recorder.record(Change(folder=changed), now.utc)
        self._map.note(changed, None)

    def _rescan(self, path: Any, now: Instant) -> Answer:
        ids = self._map.ids_by_path()
        if path and path not in ids:
            return {"declined": [f"{path} is not watched."]}
        wanted = [ids[path]] if path else list(ids.values())
        self._concluder.looking_again.at([self._map.folders[each] for each in wanted], now)
        return {"done": len(wanted), "declined": []}

    def end_pauses(self, now: Instant) -> None:
        """End pauses whose time has come."""
        pauses = self._memory.pauses
        if pauses is None:
            pauses = {
                name.removeprefix(PAUSE): number_of(until)
                for name, until in self._store.meta_beginning(PAUSE)
            }
            self._memory.pauses = pauses
        for path, until in pauses.items():
            if until and until <= now.utc:
                self._set_pause(path, None, now)
