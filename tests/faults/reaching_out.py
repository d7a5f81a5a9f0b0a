"""Every way by which a Python program reaches the outside, wrapped so that each use is an act.

Nothing of the product is named here: commits of SQLite, names and bytes on the disk, bytes to and
from the network, processes. So whatever the product does is found, also what it will do tomorrow.
`install` has to come before the product is imported, which may keep a function as it finds it.
Python's own audit of what a program does says whether something was missed.
"""

from __future__ import annotations

import builtins
import io
import os
import re
import select
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from acts import Acts, Side
from store_facts import Facts, facts, news

_in_force: Acts | None = None
_ANSWER_SECONDS = 20.0
_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_REQUEST_LINE = re.compile(rb"([A-Z]+) (?:/v[0-9.]+)?(\S+) HTTP/1\.1\r\n")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_AUDITED = (
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "os.link",
    "os.symlink",
    "os.rename",
)
_truncate = os.truncate


def put_in_force(acts: Acts) -> None:
    """Number the acts of this process from now on."""
    global _in_force  # noqa: PLW0603 - a process has one list of acts
    _in_force = acts


def install() -> None:
    """Wrap what reaches the outside; nothing is different until `put_in_force`."""
    for name in ("unlink", "remove", "mkdir", "rmdir", "truncate"):
        setattr(os, name, _on_path(name, getattr(os, name)))
    for name in ("link", "symlink", "rename", "replace"):
        setattr(os, name, _on_two_paths(name, getattr(os, name)))
    io_open = _opening(
        io.open, lambda mode: isinstance(mode, str) and bool(set(mode) & set("wxa+"))
    )
    os_open = _opening(os.open, lambda flags: isinstance(flags, int) and bool(flags & _WRITES))
    for owner, name, wrapped in (
        (os, "fsync", _on_path("sync", os.fsync, _halve)),
        (os, "open", os_open),
        (io, "open", io_open),
        (builtins, "open", io_open),
        (socket.socket, "send", _send),
        (socket.socket, "recv", _receive),
        (sqlite3, "connect", _connect),
        (subprocess, "Popen", _Process),
    ):
        setattr(owner, name, wrapped)
    sys.addaudithook(_audit)


def _act(*names: str, prepare: Callable[[Side], None] = lambda _: None) -> Any:
    return nullcontext() if _in_force is None else _in_force.act(*names, prepare=prepare)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _in_force is None:
        return
    shown: str | None = None
    match event:
        case "subprocess.Popen" | "os.posix_spawn" | "os.system":
            shown = "a process"
        case "sqlite3.connect/handle" if not isinstance(arguments[0], _Connection):
            shown = "a store"
        case "open" if not isinstance(arguments[0], int) and arguments[2] & _WRITES:
            shown = _in_force.shown(arguments[0])
        case _ if event in _AUDITED:
            shown = _in_force.shown(arguments[0])
    if shown is not None:
        _in_force.miss(f"{event} {shown}")


# --- names and bytes on the disk ------------------------------------------------------------------


def _on_path(
    name: str, real: Callable[..., Any], prepare: Callable[[Any, Side], None] = lambda *_: None
) -> Callable[..., Any]:
    def wrapped(path: Any, *others: Any, **named: Any) -> Any:
        shown = _in_force.shown(path) if _in_force is not None else None
        if shown is None:
            return real(path, *others, **named)
        with _act(f"{name} {shown}", prepare=lambda side: prepare(path, side)):
            return real(path, *others, **named)

    return wrapped


def _on_two_paths(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(source: Any, target: Any, **named: Any) -> Any:
        old = _in_force.shown(source) if _in_force is not None else None
        new = _in_force.shown(target) if _in_force is not None else None
        if old is None and new is None:
            return real(source, target, **named)
        with _act(f"{name} {old} to {new}"):
            return real(source, target, **named)

    return wrapped


def _opening(real: Callable[..., Any], writes: Callable[[Any], bool]) -> Callable[..., Any]:
    def wrapped(path: Any, *others: Any, **named: Any) -> Any:
        manner = others[0] if others else named.get("mode", named.get("flags"))
        is_numbered = _in_force is not None and not isinstance(path, int) and writes(manner)
        shown = _in_force.shown(path) if is_numbered and _in_force is not None else None
        if shown is None:
            return real(path, *others, **named)
        with _act(f"open {shown}"):
            return real(path, *others, **named)

    return wrapped


def _halve(descriptor: int, side: Side) -> None:
    if side is Side.HALF:
        _truncate(f"/proc/self/fd/{descriptor}", os.fstat(descriptor).st_size // 2)


# --- bytes to and from the network ----------------------------------------------------------------


class _Talk:
    """The request that a connection carries now."""

    def __init__(self) -> None:
        self.request = "?"
        self.part = 0
        self.is_answered = True


_talks: WeakKeyDictionary[socket.socket, _Talk] = WeakKeyDictionary()
_real_send = socket.socket.send
_real_receive = socket.socket.recv


def _send(self: socket.socket, data: Any, *flags: int) -> int:
    if _in_force is None:
        return _real_send(self, data, *flags)
    talk = _talks.setdefault(self, _Talk())
    line = _REQUEST_LINE.match(bytes(data[:4096]))
    if line:
        path = _NUMBER.sub("{}", line[2].decode().partition("?")[0])
        talk.request, talk.part, talk.is_answered = f"{line[1].decode()} {path}", 0, False
    talk.part += 1
    part = "" if talk.part == 1 else f", part {talk.part}"
    with _act(f"send {talk.request}{part}"):
        return _real_send(self, data, *flags)


def _receive(self: socket.socket, *size: int) -> bytes:
    talk = _talks.get(self)
    if _in_force is None or talk is None or talk.is_answered:
        return _real_receive(self, *size)
    talk.is_answered = True

    def once_it_came(_: Side) -> None:
        select.select([self], [], [], _ANSWER_SECONDS)

    with _act(f"receive the answer to {talk.request}", prepare=once_it_came):
        return _real_receive(self, *size)


# --- the store ------------------------------------------------------------------------------------

_real_connect = sqlite3.connect
_WRITING = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP|PRAGMA journal_mode\s*=)", re.IGNORECASE
)


class _Connection(sqlite3.Connection):
    """A connection whose commits are acts, named by what they make true."""

    _before: Facts = {}  # noqa: RUF012 - never changed, only replaced
    _changes = 0
    _is_closed = False

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if _in_force is None:
            return super().execute(sql, *parameters)
        if sql.startswith("BEGIN"):
            self._before, self._changes = facts(super().execute), self.total_changes
        if sql.startswith("COMMIT"):
            return self._commit(sql)
        if self.in_transaction or not _WRITING.match(sql):
            return super().execute(sql, *parameters)
        with _act(f"commit {' '.join(sql.split()[:3])}"):
            return super().execute(sql, *parameters)

    def _commit(self, sql: str) -> sqlite3.Cursor:
        if self.total_changes == self._changes:
            return super().execute(sql)
        with _act(*(f"commit {each}" for each in news(self._before, facts(super().execute)))):
            return super().execute(sql)

    def executescript(self, sql: str) -> sqlite3.Cursor:
        with _act("commit a migration"):
            return super().executescript(sql)

    def backup(self, target: sqlite3.Connection, **options: Any) -> None:
        with _act("back the store up"):
            super().backup(target, **options)

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        with _act("close the store"):
            super().close()


def _connect(*arguments: Any, **options: Any) -> Any:
    return _real_connect(*arguments, **{"factory": _Connection, **options})


# --- processes ------------------------------------------------------------------------------------


class _Process(subprocess.Popen[Any]):
    """A process whose start is an act."""

    def __init__(self, command: Any, *others: Any, **named: Any) -> None:
        with _act(f"start {command[-1]}"):
            super().__init__(command, *others, **named)
