"""Who looks at a world all along, and says where a promise was broken."""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from invariants import check_originals, check_results, check_results_fit, check_rows
from journey_world import HOUR
from troubled_world import TroubledWorld

from agent.emulator.world import Upload

_MOST_AN_HOUR = 60
"""Requests for one thing at Nectar; a job is asked for about 20 times in its first hour."""
_SENT_AGAIN = ("to be sent once more: ", "a person answered send")
"""History lines by which a second upload of the same bytes is accounted for."""

Sent = tuple[str, str]
"""sha256 and site id."""


@dataclass(frozen=True, slots=True)
class _Result:
    """One result of ours as it lay there: of which bytes, and which bytes lay beside it."""

    speaks_of: str
    beside: str | None


class Witness:
    """Sees every file, upload and result of a world; `look` after everything that happens."""

    def __init__(self, world: TroubledWorld) -> None:
        self._world = world
        self.whole: set[str] = set()
        """sha256 of all bytes that somebody finished writing."""
        self.taken_away: set[str] = set()
        """Paths of results that a person removed or moved, until one is there again."""
        self.made_anew: set[str] = set()
        """Paths of results that a person had made anew."""
        self.was_store_lost = False
        self._forgotten: set[str] = set()
        self._sites: dict[str, set[str]] = {}
        """Ids of the sites that ever had an external id or a name: the agent may know them so."""
        self._allowed: set[Sent] = set()
        self._reasons: Counter[Sent] = Counter()
        self._reasons_of_lost_stores: Counter[Sent] = Counter()
        self._results: dict[str, _Result] = {}

    def look(self) -> None:
        """Fail where a promise is broken that holds at every moment."""
        world = self._world
        self.note_places()
        self._note_reasons()
        check_originals(world)
        check_results(world)
        check_rows(world)
        self._check_uploads()
        self._check_results_kept()

    def store_will_be_lost(self) -> None:
        """Keep the reasons that the store holds.

        Bytes that lay in no folder when the store was lost, and come back later, are new to the
        agent: nothing beside them and nobody tells that they were sent.
        """
        self.was_store_lost = True
        watched = {sha for path, sha in self._world.originals.items() if self._site_of(path)}
        self._forgotten |= {one.sha256 for one in self._world.uploads()} - watched
        self._note_reasons()
        self._reasons_of_lost_stores = self._reasons

    def bytes_will_go(self, name: str) -> None:
        """Forget bytes that go before a new store could read them, as those that lay nowhere."""
        path = self._world.root / name
        state, _ = self._world.bills().get(name, ("waiting", None))
        if self.was_store_lost and state == "waiting" and path in self._world.originals:
            self._forgotten.add(self._world.originals[path])

    def name_will_change(self, name: str) -> None:
        """Forget bytes that leave their result before a new store could read them beside it."""
        if not self.was_store_lost or self._world.has_been_examined(name):
            return
        path = self._world.root / name
        if path in self._world.originals:
            self._forgotten.add(self._world.originals[path])

    def name_will_be_taken(self, name: str) -> None:
        """Forget bytes that wait after their bill was renamed, when another takes the old name.

        The result that lies there tells a new store of them, until it lies beside other bytes.
        """
        path = self._world.root / name
        result = path.with_name(f"{path.name}.json")
        if not self.was_store_lost or result in self._world.originals or not result.exists():
            return
        bytes_of_result: str = json.loads(result.read_bytes())["file"]["sha256"]
        states = self._world.bills()
        waiting = {
            sha256
            for other, sha256 in self._world.originals.items()
            if other != path
            and states.get(other.relative_to(self._world.root).as_posix(), ("waiting", None))[0]
            == "waiting"
        }
        self._forgotten |= waiting & {bytes_of_result}

    def look_at_the_end(self) -> None:
        """Fail where anything is still open although every trouble is over."""
        self.look()
        world = self._world
        check_results_fit(world)
        states = world.bills()
        expected = {
            path.relative_to(world.root).as_posix()
            for path in world.originals
            if path.suffix.lower() == ".pdf" and self._site_of(path) is not None
        }
        assert expected <= states.keys(), f"never seen: {sorted(expected - states.keys())}"
        gone = {name for name in states if not (world.root / name).exists()}
        assert gone == set(), f"shown although they are gone: {sorted(gone)}"
        wrong = {
            name: (state, code, fault)
            for name, (state, code) in sorted(states.items())
            if name in expected and (fault := self._what_is_wrong(name, state, code)) is not None
        }
        assert wrong == {}, f"bills that did not end as they should: {wrong}"
        assert not [line for line in world.history() if "internal error" in line]
        self._check_requests()

    def _check_requests(self) -> None:
        """Nectar is never asked for the same thing without end, whatever clocks say."""
        recent: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        for at, method, path in self._world.network.tried:
            times = recent[method, path]
            times.append(at)
            while times[0] <= at - HOUR:
                times.popleft()
            assert len(times) <= _MOST_AN_HOUR, f"too many requests: {method} {path}"

    # --- what is allowed ----------------------------------------------------------------------

    def note_places(self) -> None:
        """Note for which sites the bytes that lie in the folders may be sent."""
        for site in self._world.emulator.world.sites.values():
            for words in {site.external_id or site.name, site.name}:
                self._sites.setdefault(words, set()).add(site.id)
        for path, sha256 in self._world.originals.items():
            wanted = self._site_of(path)
            self._allowed |= {(sha256, site) for site in self._sites.get(wanted or "", ())}

    def _site_of(self, path: Path) -> str | None:
        """Return what names the site of a path: the deepest folder's site."""
        world = self._world
        homes = [name for name in world.folders if path.is_relative_to(world.root / name)]
        if not homes:
            return None
        home = max(homes, key=len)
        site = world.folders[home]
        if isinstance(site, dict):
            site = str(site["site"])
        if site != "{subfolder}":
            return site
        parts = path.relative_to(world.root / home).parts
        return parts[0] if len(parts) > 1 else None

    def _note_reasons(self) -> None:
        found = self._world.store._connection.execute(
            "SELECT sha256, site_id, what FROM history "
            "JOIN submissions ON submissions.id = history.submission_id"
        )
        reasons = Counter(
            (sha256, site_id)
            for sha256, site_id, what in found
            if any(words in what for words in _SENT_AGAIN)
        )
        self._reasons = self._reasons_of_lost_stores + reasons

    # --- what is checked ----------------------------------------------------------------------

    def _check_uploads(self) -> None:
        uploads = self._world.uploads()
        for one in uploads:
            assert one.sha256 in self.whole, f"{one.file_name} was sent before it was whole"
            assert one.site_id is not None, f"{one.file_name} names no site"
            assert (one.sha256, one.site_id) in self._allowed, (
                f"{one.file_name} was sent for {one.site_id}, which no folder of it was mapped to"
            )
        self._check_one_site_each(uploads)
        for sent, times in Counter((one.sha256, one.site_id or "") for one in uploads).items():
            assert sent[0] in self._forgotten or times <= 1 + self._reasons[sent], (
                f"{sent} was accepted {times} times, for {self._reasons[sent]} reasons"
            )

    def _check_one_site_each(self, uploads: list[Upload]) -> None:
        """Bytes go to a second site only after a person answered so, or where a store was lost."""
        if self.was_store_lost:
            return
        answered = {
            (row.sha256, row.place.site_id) for row in self._world.submissions() if row.reason
        }
        first: dict[str, str | None] = {}
        for one in uploads:
            known = first.setdefault(one.sha256, one.site_id)
            is_answered = (one.sha256, one.site_id) in answered
            assert one.site_id == known or is_answered, f"{one.file_name} went to a second site"

    def _check_results_kept(self) -> None:
        """A result of ours goes only with its bytes, or by a person's hand."""
        world = self._world
        now: dict[str, _Result] = {}
        for path in world.root.rglob("*.json"):
            if path in world.originals:
                continue
            said: dict[str, Any] = json.loads(path.read_bytes())
            bill = world.originals.get(path.with_name(path.name.removesuffix(".json")))
            now[str(path)] = _Result(said["file"]["sha256"], bill)
        for name, result in self._results.items():
            is_excused = name in self.taken_away or name in self.made_anew
            if is_excused or Path(name).exists() or not Path(name).parent.exists():
                continue
            beside = world.originals.get(Path(name.removesuffix(".json")))
            is_the_same_bill = beside == result.beside == result.speaks_of
            assert not is_the_same_bill, f"{name} is gone although its bill is there"
        self.taken_away -= now.keys()
        self._results = now

    def _what_is_wrong(self, name: str, state: str, code: str | None) -> str | None:
        """Return what is wrong with how a bill ended; None where all is well."""
        world = self._world
        path = world.root / name
        result = path.with_name(f"{path.name}.json")
        match state, code:
            case "done" | "rejected", "result-edited":
                return None if result.exists() else "no edited result is there"
            case "done", "result-removed":
                return None if str(result) in self.taken_away else "nobody took the result away"
            case "done" | "rejected", _:
                is_there = result.exists() or str(result) in self.taken_away
                return None if is_there else "it has no result"
            case "asks", "result-name-taken":
                is_strange = result in world.originals or (
                    str(result) in self._results
                    and self._results[str(result)].speaks_of != world.originals[path]
                )
                return None if is_strange else "nothing else lies there"
            case "asks", "asks-other-site":
                sent_for = {
                    one.site_id for one in world.uploads() if one.sha256 == world.originals[path]
                }
                # Once begun it counts, although Nectar never got it: the agent cannot know.
                sent_for |= {
                    row.place.site_id
                    for row in world.submissions()
                    if row.sha256 == world.originals[path] and row.reason is not None
                }
                others = sent_for - self._sites.get(self._site_of(path) or "", set())
                # After a lost store, an upload found again counts for whoever looked for it first.
                was_found = self.was_store_lost and sent_for
                return None if others or was_found else "its bytes went to no other site"
            case _:
                return "it waits for ever"
