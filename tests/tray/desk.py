"""A desk without a screen: a bus, a panel that reads the tray, somebody who shows notifications."""

import asyncio
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

from dbus_fast import BusType, Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

SECONDS = 30.0
"""A slow machine gets this long before a test calls something missing."""
WATCHER = "org.kde.StatusNotifierWatcher"
NOTIFICATIONS = "org.freedesktop.Notifications"
_ITEM = "org.kde.StatusNotifierItem"
_MENU = "com.canonical.dbusmenu"
# Without the directories of services: nobody else answers on this bus.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


class Bus:
    """A session bus of its own."""

    def __init__(self, folder: Path) -> None:
        config = folder / "bus.conf"
        config.write_text(_BUS.format(folder=folder), "utf-8")
        self._process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def end(self) -> None:
        """End the bus, as a session that is logged off does."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class _Watcher(ServiceInterface):
    """Who keeps the list of icons."""

    def __init__(self) -> None:
        super().__init__(WATCHER)
        self.items: list[str] = []

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr) -> None:  # noqa: N802
        """Take an icon."""
        self.items.append(service)

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:  # noqa: N802
        """Whether anybody shows the icons."""
        return True


class _Notes(ServiceInterface):
    """Who shows notifications."""

    def __init__(self) -> None:
        super().__init__(NOTIFICATIONS)
        self.got: list[tuple[str, str]] = []
        self.icons: list[str] = []

    @dbus_method()
    def Notify(  # noqa: N802
        self,
        app: DBusStr,
        old: DBusUInt32,
        icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],
        hints: Annotated[dict[str, Variant], DBusSignature("a{sv}")],
        milliseconds: DBusInt32,
    ) -> DBusUInt32:
        """Take a notification."""
        del app, old, actions, hints, milliseconds
        self.got.append((title, body))
        self.icons.append(icon)
        return len(self.got)

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32) -> None:  # noqa: N802
        """Take one away."""

    @dbus_method()
    def GetCapabilities(self) -> Annotated[list[str], DBusSignature("as")]:  # noqa: N802
        """Say what can be shown."""
        return ["body"]

    @dbus_method()
    def GetServerInformation(  # noqa: N802
        self,
    ) -> Annotated[list[str], DBusSignature("ssss")]:
        """Say who it is."""
        return ["desk", "test", "1", "1.2"]


class Desk:
    """The panel and the notifications, on a loop in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = Bus(folder)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._watcher = _Watcher()
        self._notes = _Notes()
        self._bus: MessageBus = self._do(self._connected())
        self._do(self._take(NOTIFICATIONS, "/org/freedesktop/Notifications", self._notes))

    def begin_panel(self) -> None:
        """Let the panel come (again)."""
        self.forget_icons()
        self._do(self._take(WATCHER, "/StatusNotifierWatcher", self._watcher))

    def end_panel(self) -> None:
        """Let the panel go."""
        self._do(self._bus.release_name(WATCHER))
        self._bus.unexport("/StatusNotifierWatcher", self._watcher)

    def begin_notifications(self) -> None:
        """Let somebody show notifications again."""
        self._do(self._bus.request_name(NOTIFICATIONS))

    def end_notifications(self) -> None:
        """Let nobody show notifications."""
        self._do(self._bus.release_name(NOTIFICATIONS))

    def forget_icons(self) -> None:
        """Forget the icons, whose programs are gone."""
        self._watcher.items.clear()

    def end(self) -> None:
        """End everything."""
        self._do(self._left())
        self.session.end()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS)
        self._loop.close()

    @property
    def notes(self) -> list[tuple[str, str]]:
        """The notifications that were sent: title and text."""
        return list(self._notes.got)

    @property
    def note_icons(self) -> list[str]:
        """The icon of each notification."""
        return list(self._notes.icons)

    @property
    def icons(self) -> list[str]:
        """The icons that the panel was told of."""
        return list(self._watcher.items)

    def wait_for_icon(self) -> None:
        """Wait until an icon is there."""
        until(lambda: bool(self.icons), "no icon came")

    def title(self) -> str:
        """Return the sentence of the icon."""
        return str(self._property("Title"))

    def pixels(self, size: int) -> bytes:
        """Return the icon as the panel gets it in one size."""
        return next(bytes(each[2]) for each in self._property("IconPixmap") if each[0] == size)

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return every line of the menu by its way, such as ``Pause > For 1 hour``."""
        found: dict[str, dict[str, Any]] = {}
        _, root = self._menu("GetLayout", "iias", 0, -1, [])
        _gathered(root, "", found)
        return found

    def click(self, *way: str, by_group: bool = False) -> None:
        """Click an entry, as GNOME does it or, ``by_group``, as xfce does it."""
        number = self.entries()[" > ".join(way)]["id"]
        if by_group:
            event = [number, "clicked", Variant("i", 0), 0]
            assert self._menu("EventGroup", "a(isvu)", [event]) == [[]]
        else:
            self._menu("Event", "isvu", number, "clicked", Variant("i", 0), 0)

    def left_click(self) -> None:
        """Click the icon itself."""
        self._call(self.icons[-1], "/StatusNotifierItem", _ITEM, "Activate", "ii", 0, 0)

    def is_about_to_show(self) -> list[Any]:
        """Ask what panels ask before they open the menu."""
        return [self._menu("AboutToShow", "i", 0), self._menu("AboutToShowGroup", "ai", [0])]

    def _property(self, name: str) -> Any:
        interface = "org.freedesktop.DBus.Properties"
        where = (self.icons[-1], "/StatusNotifierItem", interface)
        return self._call(*where, "Get", "ss", _ITEM, name)[0].value

    def _menu(self, member: str, signature: str, *body: Any) -> Any:
        path = self._property("Menu")
        return self._call(self.icons[-1], path, _MENU, member, signature, *body)

    def _call(self, to: str, path: str, interface: str, member: str, sign: str, *body: Any) -> Any:
        asked = Message(
            destination=to,
            path=path,
            interface=interface,
            member=member,
            signature=sign,
            body=list(body),
        )
        answer = self._do(self._bus.call(asked))
        assert answer.message_type is not MessageType.ERROR, (member, answer.body)
        return answer.body

    async def _left(self) -> None:
        self._bus.disconnect()
        left: Callable[[], Awaitable[None]] = self._bus.wait_for_disconnect
        done, _ = await asyncio.wait([asyncio.ensure_future(left())])
        for each in done:
            each.exception()  # where the session has ended before

    async def _connected(self) -> MessageBus:
        bus = MessageBus(bus_address=self.session.address, bus_type=BusType.SESSION)
        return await bus.connect()

    async def _take(self, name: str, path: str, interface: ServiceInterface) -> None:
        self._bus.export(path, interface)
        await self._bus.request_name(name)

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(SECONDS)


def _gathered(layout: Any, above: str, found: dict[str, dict[str, Any]]) -> None:
    number, properties, children = layout
    label = properties["label"].value.replace("__", "_") if "label" in properties else ""
    way = f"{above} > {label}" if above else label
    if label:
        found[way] = {"id": number} | {key: each.value for key, each in properties.items()}
    for child in children:
        _gathered(child.value, way, found)


class ATray:
    """`bill-agent tray` as a process; what it says is kept."""

    def __init__(self, command: list[str], environ: dict[str, str], said: Path) -> None:
        self._said = said
        with said.open("ab") as file:
            self.process = subprocess.Popen(
                command, env=environ, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    def said(self) -> str:
        """Return what it said."""
        return self._said.read_text("utf-8")

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(SECONDS)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


StartTray = Callable[..., ATray]
"""Starts a tray with more options, and with other variables in its environment."""


def until(is_so: Callable[[], bool], otherwise: str, seconds: float = SECONDS) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, otherwise
        time.sleep(0.05)
