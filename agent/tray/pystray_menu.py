"""pystray's menu from ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from agent.tray.loading import pystray
from agent.tray.menu import Entry, Line
from agent.tray.wishes import Wish

KEY = "agent_key"
"""The attribute of a pystray item that tells it from all others, also in the next menu."""


def pystray_menu(entries: Iterable[Entry | Line], on_click: Callable[[Wish], None]) -> Any:
    """Return the menu; ``on_click`` is called with what an entry asks for."""
    return pystray.Menu(*(_item(each, on_click) for each in entries))


def _item(entry: Entry | Line, on_click: Callable[[Wish], None]) -> Any:
    if isinstance(entry, Line):
        return pystray.Menu.SEPARATOR
    tick = entry.is_checked
    item = pystray.MenuItem(
        _label(entry.label),
        pystray_menu(entry.children, on_click) if entry.children else _action(entry, on_click),
        checked=None if tick is None else lambda _: tick,
        default=entry.is_default,
        enabled=entry.is_enabled,
    )
    setattr(item, KEY, entry.key)
    return item


def _action(entry: Entry, on_click: Callable[[Wish], None]) -> Callable[[Any, Any], None]:
    def click(icon: Any, item: Any) -> None:
        del icon, item
        if entry.wish is not None:
            on_click(entry.wish)

    return click


def _label(label: str) -> str:
    """Return the label so that no letter of it becomes a shortcut."""
    return label.replace("&", "&&") if sys.platform == "win32" else label
