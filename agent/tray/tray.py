"""The tray: looks about once a second, shows what it sees, and does what is clicked."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from agent.bills.errors import AgentError
from agent.service import clock
from agent.tray.advice import write_advice
from agent.tray.loading import run_errors
from agent.tray.menu import NAME, Entry, Line, menu, sentence
from agent.tray.notices import Gathering, Notice, next_notices
from agent.tray.notifying import Notifier
from agent.tray.opening import open_folder, open_text
from agent.tray.picture import largest
from agent.tray.pystray_menu import pystray_menu
from agent.tray.seen import Face, Seen
from agent.tray.told import load_told, save_told
from agent.tray.troubles import Trouble, troubles
from agent.tray.wishes import OpenFolder, OpenText, Quit, ShowAdvice, Wish

LOOK_EVERY_SECONDS = 1.0
NOTIFY_AGAIN_SECONDS = 60.0
"""Where nobody took a notification, it is tried again after so long."""
_END_SECONDS = 1.0
"""What is being looked at when the tray ends is waited for so long."""
_STUCK_SECONDS = 2.5
"""Whoever asks for the end gets it within three seconds."""
_ICON_FILE = "icon.png"
_ID = "nectar-bill-agent"


class Watched(Protocol):
    """The agent as the tray watches it."""

    def look(self, finished_after: float | None) -> Seen | None:
        """Return how the agent is now, None where nothing has changed since the last look.

        ``finished_after``: count the bills that were finished after this moment; None: after now.
        """
        ...

    def act(self, wish: Wish) -> str:
        """Do what was clicked; return a sentence for the person, "" for none. Raises AgentError."""
        ...


class Tray:
    """One icon. ``folder`` keeps what belongs to it; ``say`` speaks to a terminal, if any."""

    def __init__(self, agent: Watched, folder: Path, say: Callable[[str], None]) -> None:
        self._agent = agent
        self._folder = folder
        self._say = say
        self._told = load_told(folder)
        self._gathering = Gathering()
        self._notify_after = 0.0
        self._notifier = Notifier(folder / _ICON_FILE)
        self.stopping = threading.Event()
        self._wake = threading.Event()
        self._acting = threading.Lock()
        self._seen: Seen | None = None
        self._shown: tuple[Face, str, tuple[Entry | Line, ...]] | None = None
        self._icon: Any = None
        self._watching: threading.Thread | None = None

    def run(self, icon_class: Any) -> None:
        """Show the icon until it is stopped. Main thread only.

        Raises OSError where the desk cannot show it after all; a thread may then be left waiting.
        """
        with suppress(OSError):  # a full disk costs the notifications their icon
            largest(Face.IDLE).save(self._folder / _ICON_FILE)
        seen = self._seen = self._agent.look(self._told.finished_until)
        nothing: tuple[Entry | Line, ...] = ()
        self._shown = (Face.STOPPED, "", nothing)
        if seen is not None:
            self._shown = (seen.face, sentence(seen), menu(seen))
        face, words, entries = self._shown
        try:
            self._icon = icon_class(
                _ID, largest(face), f"{NAME}: {words}", pystray_menu(entries, self.click)
            )
            self._icon.run(self._begin)
        except run_errors() as error:
            raise OSError(str(error)) from error
        finally:
            self.stopping.set()
            self._wake.set()
            self._end_watching()

    def stop(self) -> None:
        """End the icon, from any thread; no harm before it is shown."""
        self.stopping.set()
        self._wake.set()
        if self._icon is not None:
            # A backend that hangs must not keep the process.
            stuck = threading.Timer(_STUCK_SECONDS, os._exit, (0,))
            stuck.daemon = True
            stuck.start()
            self._icon.stop()

    def click(self, wish: Wish) -> None:
        """Do what an entry asks for, in a thread of its own: a menu must never wait."""
        threading.Thread(target=self._do, args=(wish,), name="click", daemon=True).start()

    def _begin(self, icon: Any) -> None:
        icon.visible = True
        if self.stopping.is_set():
            icon.stop()
        self._watching = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watching.start()

    def _end_watching(self) -> None:
        if self._watching is not None:
            self._watching.join(_END_SECONDS)
            if not self._watching.is_alive():
                self._notifier.end()

    def _watch(self) -> None:
        try:
            while not self.stopping.is_set():
                self._look()
                clock.wait(self._wake, LOOK_EVERY_SECONDS)
                self._wake.clear()
        finally:
            self.stop()  # also where looking failed: an icon that shows the past is worse than none

    def _look(self) -> None:
        seen = self._agent.look(self._told.finished_until)
        if seen is not None:
            self._seen = seen
            self._show(seen)
        if self._seen is not None:
            self._tell(replace(self._seen, now=clock.now().utc))

    def _show(self, seen: Seen) -> None:
        face, words, entries = seen.face, sentence(seen), menu(seen)
        before = self._shown
        if before is None or before[0] is not face:
            self._icon.icon = largest(face)
        if before is None or before[1] != words:
            self._icon.title = f"{NAME}: {words}"
        if before is None or before[2] != entries:
            self._icon.menu = pystray_menu(entries, self.click)
        self._shown = (face, words, entries)

    def _tell(self, seen: Seen) -> None:
        if seen.now < self._notify_after:
            return
        coming = next_notices(self._told, self._gathering, seen)
        for notice in coming.notices:
            if not self._notifier.send(notice):
                self._notify_after = seen.now + NOTIFY_AGAIN_SECONDS
                return
        self._gathering = coming.gathering
        if coming.told != self._told:
            self._told = coming.told
            save_told(self._folder, self._told)

    def _do(self, wish: Wish) -> None:
        try:
            with self._acting:
                answer = self._done(wish)
        except AgentError as error:
            answer = str(error)
        if answer:
            self._answer(answer)
        self._wake.set()

    def _done(self, wish: Wish) -> str:
        match wish:
            case OpenFolder(path):
                open_folder(path)
            case OpenText(path):
                open_text(path)
            case ShowAdvice(key):
                self._show_advice(key)
            case Quit():
                self._say("The icon is gone; the service goes on. To see it again: bill-agent tray")
                self.stop()
            case _:
                return self._agent.act(wish)
        return ""

    def _show_advice(self, key: str) -> None:
        needing = troubles(self._seen) if self._seen is not None else ()
        for each in needing:
            if each.key == key:
                open_text(write_advice(self._folder, each))

    def _answer(self, sentence_: str) -> None:
        """Answer a click: by a notification, or where there are none by a text."""
        may_notify = self._seen is None or self._seen.may_notify
        if may_notify and self._notifier.send(Notice(NAME, sentence_)):
            return
        self._say(sentence_)
        trouble = Trouble("answer", "What you asked for was not done", sentence_, "", 1, ())
        with suppress(AgentError):
            open_text(write_advice(self._folder, trouble))
