"""Everything that may happen to a watched folder: each event is one method of `Hands`.

An event is named and has JSON arguments, so that the days of a world can be kept in a file. An
event that makes no sense at its moment (nothing to delete, say) does nothing.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bill_files import bill_pdf, text_pdf
from journey_world import KEY
from troubled_world import Death, Hints, TroubledWorld
from witness import Witness

from agent.emulator import changes
from agent.emulator.behaviour import (
    Behaviour,
    Fault,
    FaultBody,
    FileNames,
    Outcome,
    Shape,
    UploadAnswer,
    UploadRule,
)
from agent.emulator.requests import Cut
from agent.emulator.world import HARBOR_MILL_FOODS
from agent.pipeline.work import Kind

FOLDERS = {
    "Plant 7": "PLANT-07",
    "Plant 8": "PLANT-08",
    "Inbox": "PLANT-07",
    "All": "{subfolder}",
}
FIXED = tuple(name for name, site in FOLDERS.items() if site != "{subfolder}")
PLACES = tuple(
    f"{folder}/{name}"
    for folder in (*FIXED, "All/PLANT-07", "All/PLANT-08")
    for name in ("A.pdf", "B.pdf", "c/A.pdf", "D.PDF")
)
CONTENTS = (
    *(bill_pdf(account=f"9-{number}") for number in range(8)),
    text_pdf("A letter", "that is no bill"),
    b"no bill at all",
    b"",
)
BILLS = 8
"""So many of the first contents are bills."""
FAULTS = (
    Fault(status=429, retry_after="30", times=3),
    Fault(status=503, times=3),
    Fault(status=500, body=FaultBody.HTML, times=2),
    Fault(status=502, carried_out=True, times=2),
    Fault(status=200, body=FaultBody.HTML, times=2),
    Fault(status=403, times=2),
    Fault(status=404, times=1),
    Fault(body=FaultBody.GARBAGE, times=2),
    Fault(body=FaultBody.EMPTY, times=2),
    Fault(cut=Cut.BEFORE_BODY, times=2),
    Fault(cut=Cut.IN_BODY, times=2),
    Fault(cut=Cut.AFTER_BODY, times=2),
    Fault(cut=Cut.IN_ANSWER, times=2),
    Fault(delay_seconds=60.0, times=2),
)
FAULT_PATHS = ("*", "/job/company/*", "/job/*", "/document/*", "/company/*")
OUTCOMES = tuple(one for one in Outcome if one is not Outcome.NEVER)
MOVED_TREE = "Elsewhere/2026"


class Hands:
    """People, Nectar and the machine at work on one world."""

    def __init__(self, world: TroubledWorld, witness: Witness) -> None:
        self.world = world
        self.witness = witness
        self._writers: dict[str, object] = {}
        """Who is writing a file at a place, until it is whole."""
        self._away: dict[str, str] = {}
        """Folders that went away, and where they are meanwhile."""
        self._lies_elsewhere = 0
        self._sites = dict(world.emulator.world.sites)

    # --- files --------------------------------------------------------------------------------

    def drop(self, place: str, content: int) -> None:
        """Write a file at once, perhaps over another one."""
        self._write(place, CONTENTS[content], is_whole=True)

    def write_slowly(self, place: str, content: int, pieces: int, gap: float) -> None:
        """Write a file piece by piece, as a copy over a slow line does."""
        whole = CONTENTS[content]
        ends = (len(whole) * piece // pieces for piece in range(1, pieces + 1))
        self._write_in_turn(place, [whole[:end] for end in ends], gap)

    def scan_pages(self, place: str, content: int, pages: int, gap: float) -> None:
        """Write a whole PDF after each page, as some scanners do: only the last has all pages."""
        scans = [bill_pdf(account=f"9-{content}", used=str(page)) for page in range(1, pages)]
        self._write_in_turn(place, [*scans, CONTENTS[content]], gap)

    def _write_in_turn(self, place: str, contents: list[bytes], gap: float) -> None:
        writer = object()

        def write_on(number: int) -> None:
            if number and self._writers.get(place) is not writer:
                return
            is_last = number == len(contents) - 1
            self._write(place, contents[number], is_whole=is_last)
            if not is_last:
                self._writers[place] = writer
                self.world.later(gap, lambda: write_on(number + 1))

        write_on(0)

    def save_by_rename(self, place: str, content: int, gap: float) -> None:
        """Write beside under a temporary name, then rename over the file."""
        temporary = f"{place}.tmp"
        self._write(temporary, CONTENTS[content], is_whole=True)

        def rename() -> None:
            if (self.world.root / temporary).exists():
                self._move(temporary, place)

        self.world.later(gap, rename)

    def touch(self, bill: int) -> None:
        """Save a file anew with the bytes that it has."""
        if (name := self._bill(bill)) is not None and name not in self._writers:
            self._write(name, (self.world.root / name).read_bytes(), is_whole=True)

    def copy(self, bill: int, place: str) -> None:
        """Copy a file."""
        if (name := self._bill(bill)) is not None and name != place:
            self._write(place, (self.world.root / name).read_bytes(), is_whole=True)

    def move(self, bill: int, place: str, with_result: bool) -> None:
        """Move or rename a file, perhaps over another, perhaps with its result."""
        name = self._bill(bill)
        if name is None or name == place or not self._is_reachable(place):
            return
        if not with_result:
            self.witness.name_will_change(name)
        self._move(name, place)
        if with_result and self.world.has_result(name):
            self._take_result(name)
            self._move(f"{name}.json", f"{place}.json")
        self._leave_to_the_agent(place)

    def delete(self, bill: int) -> None:
        """Delete a file."""
        if (name := self._bill(bill)) is not None:
            self._writers.pop(name, None)
            self.witness.bytes_will_go(name)
            self.world.delete(name)

    def move_tree_in(self, folder: str, contents: list[int]) -> None:
        """Move a whole tree of files into a folder."""
        target = f"{folder}/2026"
        if not self._is_reachable(target) or (self.world.root / target).exists():
            return
        for number, content in enumerate(contents):
            self._write(f"{MOVED_TREE}/{number:02}/A.pdf", CONTENTS[content], is_whole=True)
        self.world.rename_root(MOVED_TREE, target)
        self.world._hint(self.world.root / target)

    def move_tree_out(self, folder: str, to: str) -> None:
        """Move a subfolder with files and results to another folder, or out of sight."""
        source, target = f"{folder}/2026", f"{to}/2026"
        if folder == to or not (self._is_reachable(source) and self._is_reachable(target)):
            return
        if (self.world.root / source).exists() and not (self.world.root / target).exists():
            (self.world.root / to).mkdir(exist_ok=True)
            self.world.rename_root(source, target)
            self.world._hint(self.world.root / source)
            self.world._hint(self.world.root / target)
            self._leave_all_to_the_agent()

    # --- results ------------------------------------------------------------------------------

    def remove_result(self, bill: int) -> None:
        """Take a result away, as importers do."""
        if (name := self._bill(bill)) is not None and self.world.has_result(name):
            self._take_result(name)
            self.world.delete(f"{name}.json")

    def edit_result(self, bill: int) -> None:
        """Edit a result that the agent knows; one that came with its bill is adopted as it is."""
        name = self._bill(bill)
        if name is None or not self.world.has_result(name):
            return
        state, _ = self.world.bills().get(name, ("", None))
        if state in ("done", "rejected"):
            self.world.edit_result(name)

    def put_foreign(self, place: str) -> None:
        """Put another program's JSON where a result may come."""
        if self._is_reachable(place) and not self.world.has_result(place):
            self.world.drop(f"{place}.json", b'{"from": "another program"}')

    def remove_foreign(self, place: str) -> None:
        """Take another program's JSON away again."""
        if (self.world.root / f"{place}.json") in self.world.originals:
            self._take_result(place)
            self.world.delete(f"{place}.json")

    # --- folders ------------------------------------------------------------------------------

    def lose_folder(self, folder: str, seconds: float, comes_back: str) -> None:
        """Let a folder go away; it comes back as it was, unmounted for a while, or replaced."""
        if not self._is_reachable(folder) or not (self.world.root / folder).exists():
            return
        for place in [place for place in self._writers if Path(place).is_relative_to(folder)]:
            # Who writes there meets an error, and leaves the file as it is.
            if self.world.root / place in self.world.originals:
                self.witness.whole.add(self.world.originals[self.world.root / place])
            del self._writers[place]
        self._lies_elsewhere += 1
        elsewhere = f"Elsewhere/{self._lies_elsewhere}"
        (self.world.root / "Elsewhere").mkdir(exist_ok=True)
        self.world.rename_root(folder, elsewhere)
        self._away[folder] = elsewhere
        if comes_back == "unmounted":
            (self.world.root / folder).mkdir()
            self.world.disk.unmounted.add(self.world.path(folder))
        self.world.later(seconds, lambda: self._bring_back(folder, is_copy=comes_back == "copy"))

    def _bring_back(self, folder: str, *, is_copy: bool) -> None:
        elsewhere = self._away.pop(folder)
        root = self.world.root
        if self.world.path(folder) in self.world.disk.unmounted:
            self.world.disk.unmounted.discard(self.world.path(folder))
            shutil.rmtree(root / folder)
        if not is_copy:
            self.world.rename_root(elsewhere, folder)
            return
        shutil.copytree(root / elsewhere, root / folder)
        for path, sha256 in tuple(self.world.originals.items()):
            if path.is_relative_to(root / elsewhere):
                copied = root / folder / path.relative_to(root / elsewhere)
                self.world.originals[copied] = sha256
        self._leave_all_to_the_agent()

    def hide(self, path: str, seconds: float) -> None:
        """Make a folder or a part of it unreadable for a while."""
        self._for_a_while(self.world.disk.unreadable, self.world.path(path), seconds)

    def protect(self, path: str, seconds: float) -> None:
        """Make a folder or a part of it read-only for a while."""
        self._for_a_while(self.world.disk.read_only, self.world.path(path), seconds)

    def fill_disk(self, seconds: float) -> None:
        """Let there be no room for results for a while."""
        self.world.disk.is_full = True
        self.world.later(seconds, lambda: setattr(self.world.disk, "is_full", False))

    def fill_store(self, seconds: float) -> None:
        """Let the store grow no more for a while."""
        self.world.fill_store(is_full=True)
        self.world.later(seconds, lambda: self.world.fill_store(is_full=False))

    # --- the machine --------------------------------------------------------------------------

    def mistreat_hints(self, hints: str) -> None:
        """Lose, delay or double what the watcher says, or let it be well."""
        self.world.hints = Hints(hints)

    def sleep(self, hours: float) -> None:
        """Let the machine sleep."""
        self.world.wake_after_sleep(hours)

    def set_clock(self, error: float) -> None:
        """Set the machine's clock wrong, forward or back, or right."""
        self.world.set_clock(error)

    def restart(self) -> None:
        """End the agent between two turns and start it again."""
        self.world.restart()

    def kill_in_step(self, kind: str, after: bool) -> None:
        """Let the agent die in a step: before it does it, or before it reports."""
        self.world.kill_during(Kind(kind), "after" if after else "before")

    def kill_at_commit(self, after: bool, commits: int) -> None:
        """Let the agent die just before or just after one of the next commits."""
        self.world.die_at_commit(Death.AFTER_COMMIT if after else Death.BEFORE_COMMIT, commits)

    def refuse_commit(self, commits: int) -> None:
        """Let one of the next commits be refused, and what it held be done again."""
        self.world.store.until_refusal = commits

    def lose_store(self) -> None:
        """Lose the data directory and start again."""
        self.witness.store_will_be_lost()
        self._leave_all_to_the_agent()
        self.world.lose_store()

    # --- Nectar -------------------------------------------------------------------------------

    def fail(self, fault: int, path: str) -> None:
        """Let Nectar fail for a few requests."""
        self._behave(faults=(replace(FAULTS[fault], path=path),))

    def cut_line(self, seconds: float) -> None:
        """Let nothing through for a while."""
        self.world.network.is_cut = True
        self.world.later(seconds, lambda: setattr(self.world.network, "is_cut", False))

    def revoke_key(self, seconds: float, status: int) -> None:
        """Revoke the key; somebody renews it after a while."""
        self._behave(keys=(), key_refusal=status)

        def renew() -> None:
            self._behave(keys=(KEY,))
            self.world.ask("key-changed")

        self.world.later(seconds, renew)

    def rule_uploads(
        self, outcome: str, processing: float, late: float, only_in_list: bool, elsewhere: bool
    ) -> None:
        """Say what becomes of the next three uploads."""
        rule = UploadRule(
            outcome=Outcome(outcome),
            processing_seconds=processing,
            document_late_seconds=late,
            usage_late_seconds=late,
            usage_only_in_list=only_in_list,
            booked_site="PLANT-08" if elsewhere else None,
            times=3,
        )
        self._behave(uploads=(rule,))

    def answer_in_shape(self, job_list: str, upload_answer: str, file_names: str) -> None:
        """Let Nectar answer in one of the shapes that its contract leaves open."""
        self._behave(
            job_list=Shape(job_list),
            upload_answer=UploadAnswer(upload_answer),
            file_names=FileNames(file_names),
        )

    def change_document(self, document: int, how: str, charges: str) -> None:
        """Let Nectar correct, replace or delete a document, or book it on another site."""
        nectar, now = self.world.emulator.world, self.world.time_at_nectar()
        there = sorted(one.id for one in nectar.documents.values() if not one.is_deleted)
        if not there:
            return
        chosen = there[document % len(there)]
        match how:
            case "correct":
                changes.correct_document(nectar, now, chosen, {"totalCharges": charges})
            case "revise":
                changes.revise_document(nectar, now, chosen, {"totalCharges": charges})
            case "delete":
                changes.delete_document(nectar, now, chosen)
            case _:
                changes.move_usage(nectar, now, chosen, self._sites_of("PLANT-08")[0])

    def lose_job(self, job: int) -> None:
        """Let Nectar forget a job."""
        jobs = sorted(self.world.emulator.world.jobs)
        if jobs:
            changes.lose_job(
                self.world.emulator.world, self.world.time_at_nectar(), jobs[job % len(jobs)]
            )

    def change_site(self, site: str, how: str) -> None:
        """Archive a site, rename it, give its external id to a second one, or mend all."""
        nectar, now = self.world.emulator.world, self.world.time_at_nectar()
        if how == "mend":
            nectar.sites = dict(self._sites)
            return
        (known,) = [one for one in self._sites.values() if one.external_id == site]
        match how:
            case "archive":
                changes.archive_site(nectar, now, known.id)
            case "rename":
                changes.change_site(nectar, now, known.id, external_id=f"{site}-NEW")
            case _:
                changes.add_site(nectar, now, HARBOR_MILL_FOODS.id, f"Second {site}", site)

    # --- people's wishes ----------------------------------------------------------------------

    def configure(self, folders: dict[str, str], refresh_hours: float, scan_seconds: float) -> None:
        """Edit the configuration."""
        if self._away:
            return  # the watched folders are made where they are missing
        self._leave_all_to_the_agent()
        self.world.configure(folders, refresh_hours=refresh_hours, scan_seconds=scan_seconds)

    def ask_for_file(self, kind: str, bill: int) -> None:
        """Ask something about one file."""
        name = self._bill(bill)
        if name is None or self.world.is_store_full:
            return
        if kind == "retry":
            sha256 = self.world.originals[self.world.root / name]
            self.witness.made_anew |= {
                f"{path}.json" for path, held in self.world.originals.items() if held == sha256
            }
        self.world.ask(kind, files=[self.world.path(name)])

    def ask_for_all(self, kind: str, folder: str | None) -> None:
        """Ask for a rescan, a pause or its end."""
        if not self.world.is_store_full:
            path = None if folder is None else self.world.path(folder)
            self.world.ask(kind, **({} if path is None else {"folder": path}))

    def admit_all(self) -> None:
        """Answer every first look."""
        for hold in tuple(self.world.scheduler.holds.all()):
            if hold.code == "first-look" and not self.world.is_store_full:
                self.world.ask("admit", folder=hold.scope.key, all=True)

    # --- the end of all troubles --------------------------------------------------------------

    def mend_all(self) -> None:
        """End every trouble, as people do in the long run."""
        world = self.world
        world.behaviour = Behaviour(keys=(KEY,))
        world._kill = None
        world.store.death = None
        while world._later:
            world.advance(max(world._later[0][0] - world.time_at_nectar(), 0.0) + 1.0)
            self.witness.look()  # the folders are about to be mapped anew
        world.set_clock(0.0)
        world.hints = Hints.COME
        world.emulator.world.sites = dict(self._sites)
        world.behaviour = Behaviour(keys=(KEY,))
        world.configure(FOLDERS, refresh_hours=6.0, scan_seconds=3600.0)
        world.ask("resume")
        world.advance(hours=1)
        self.admit_all()

    # --- parts --------------------------------------------------------------------------------

    def _bill(self, number: int) -> str | None:
        root = self.world.root
        there = sorted(
            path.relative_to(root).as_posix()
            for path in self.world.originals
            if path.suffix.lower() == ".pdf" and not path.is_relative_to(root / "Elsewhere")
        )
        return there[number % len(there)] if there else None

    def _is_reachable(self, place: str) -> bool:
        return not any(Path(place).is_relative_to(folder) for folder in self._away)

    def _write(self, place: str, content: bytes, *, is_whole: bool) -> None:
        if not self._is_reachable(place):
            return
        self._writers.pop(place, None)
        if is_whole:
            self.witness.whole.add(hashlib.sha256(content).hexdigest())
        self.witness.bytes_will_go(place)
        self.witness.name_will_be_taken(place)
        self.world.drop(place, content)
        self._leave_to_the_agent(place)
        self.witness.note_places()

    def _move(self, name: str, to: str) -> None:
        if not (self._is_reachable(name) and self._is_reachable(to)):
            return
        if self._writers.pop(name, None) is not None:
            self.witness.whole.add(self.world.originals[self.world.root / name])
        self._writers.pop(to, None)
        self.witness.name_will_be_taken(to)
        self.world.move(name, to)

    def _take_result(self, name: str) -> None:
        self.witness.taken_away.add(self.world.path(f"{name}.json"))

    def _leave_to_the_agent(self, name: str) -> None:
        """Count an edited result as the agent's: with its bytes it is adopted as unedited."""
        path = self.world.root / f"{name}.json"
        if path in self.world.originals and b"nectar-bill-result" in path.read_bytes():
            del self.world.originals[path]

    def _leave_all_to_the_agent(self) -> None:
        for path in tuple(self.world.originals):
            if path.suffix == ".json":
                relative = path.relative_to(self.world.root).as_posix()
                self._leave_to_the_agent(relative.removesuffix(".json"))

    def _for_a_while(self, paths: set[str], path: str, seconds: float) -> None:
        paths.add(path)
        self.world.later(seconds, lambda: paths.discard(path))

    def _behave(self, **changed: object) -> None:
        self.world.behaviour = replace(self.world.behaviour, **changed)  # type: ignore[arg-type]

    def _sites_of(self, external_id: str) -> list[str]:
        return [one.id for one in self._sites.values() if one.external_id == external_id]


EVENTS: dict[str, Callable[..., None]] = {
    name: event
    for name, event in vars(Hands).items()
    if callable(event) and not name.startswith("_") and name != "mend_all"
}
"""Every event by its name."""
