"""Loading pystray without a screen, and the backends that may need one.

``import pystray`` chooses a backend at once and raises whatever that raises. Here the package is
loaded with its backend that does nothing, and the real ones are tried one by one.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from agent.tray.plain_x import mended

_VARIABLE = "PYSTRAY_BACKEND"
CHOSEN = os.environ.get(_VARIABLE)
"""The backend that somebody wants and no other, None for the first that works."""


def _load() -> Any:
    os.environ[_VARIABLE] = "dummy"
    try:
        return importlib.import_module("pystray")
    finally:
        if CHOSEN is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = CHOSEN


pystray = _load()


def backends() -> tuple[str, ...]:
    """Return pystray's backends for this system, in its own order."""
    if CHOSEN is not None:
        return (CHOSEN,)
    return {"win32": ("win32",), "darwin": ("darwin",)}.get(
        sys.platform, ("appindicator", "gtk", "xorg")
    )


def icon_class(backend: str) -> Any | None:
    """Return the class of a backend's icon, None where it cannot be had on this machine."""
    try:
        found = importlib.import_module(f"pystray._{backend}").Icon
    except (ImportError, ValueError, AssertionError, AttributeError, OSError, RuntimeError):
        # Of PyGObject: no such typelib (ValueError), its library missing (AssertionError).
        return None
    except _screen_errors():
        return None
    return mended(found) if backend == "xorg" else found


def _screen_errors() -> tuple[type[BaseException], ...]:
    """Return what a missing screen raises, as far as its library is there."""
    try:
        errors = importlib.import_module("Xlib.error")
    except ImportError:
        return ()
    return (errors.DisplayError, errors.XError)


def run_errors() -> tuple[type[BaseException], ...]:
    """Return what a backend may raise while it runs."""
    glib = sys.modules.get("gi.repository.GLib")
    of_glib = () if glib is None else (glib.Error,)
    return (OSError, RuntimeError, ValueError, EOFError, *of_glib, *_screen_errors())


def has_x11_tray() -> bool:
    """Whether a tray of the old kind is on this X screen: it takes icons in as windows."""
    if not os.environ.get("DISPLAY"):
        return False
    try:
        display = importlib.import_module("Xlib.display").Display()
    except (ImportError, OSError):
        return False
    except _screen_errors():
        return False
    try:
        name = f"_NET_SYSTEM_TRAY_S{display.get_default_screen()}"
        return bool(display.get_selection_owner(display.intern_atom(name)))
    finally:
        display.close()
