"""A pystray backend over D-Bus: a StatusNotifierItem, without GTK and without X."""

import asyncio
import os
from contextlib import suppress
from enum import Enum
from typing import Annotated, Any

from dbus_fast import BusType, Message, MessageType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.errors import AuthError, DBusError, InvalidAddressError
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from agent.tray.dbus_menu import MENU_PATH, DBusMenu
from agent.tray.leaving import leave
from agent.tray.loading import pystray
from agent.tray.picture import SIZES, argb, face_of, picture

_WATCHER = "org.kde.StatusNotifierWatcher"
_WATCHER_PATH = "/StatusNotifierWatcher"
_ITEM_PATH = "/StatusNotifierItem"
_ANSWER_SECONDS = 5.0
_TRY_AGAIN_SECONDS = 0.5
_REGISTER_TRIES = 5

BUS_ERRORS = (OSError, EOFError, ValueError, AuthError, DBusError, InvalidAddressError)
"""What no bus, or a bus that goes away, raises."""

_Pixmaps = Annotated[list[Any], DBusSignature("a(iiay)")]


class Host(Enum):
    """Who shows such icons."""

    THERE = "there"
    NOT_THERE = "not there"
    """A panel may still come."""
    NO_BUS = "no bus"


def host() -> Host:
    """Look for a panel that shows such icons."""
    return asyncio.run(_host())


async def _host() -> Host:
    try:
        bus = await asyncio.wait_for(
            MessageBus(bus_type=BusType.SESSION).connect(), _ANSWER_SECONDS
        )
    except (*BUS_ERRORS, TimeoutError):
        return Host.NO_BUS
    is_there = await _has_host(bus)
    await leave(bus)
    return Host.THERE if is_there else Host.NOT_THERE


async def _has_host(bus: MessageBus) -> bool:
    answer = await _called(
        bus,
        "org.freedesktop.DBus.Properties",
        "Get",
        "ss",
        [_WATCHER, "IsStatusNotifierHostRegistered"],
    )
    return answer is not None and answer.body[0].value is True


async def _called(
    bus: MessageBus, interface: str, member: str, signature: str, body: list[Any]
) -> Message | None:
    """Ask the watcher something; None where there is none, or it says no or nothing."""
    asked = Message(
        destination=_WATCHER,
        path=_WATCHER_PATH,
        interface=interface,
        member=member,
        signature=signature,
        body=body,
    )
    try:
        answer = await asyncio.wait_for(bus.call(asked), _ANSWER_SECONDS)
    except (*BUS_ERRORS, TimeoutError):
        return None
    return None if answer.message_type is MessageType.ERROR else answer


class _Item(ServiceInterface):
    """What panels read of the icon."""

    def __init__(self, icon: "NotifierIcon") -> None:
        super().__init__("org.kde.StatusNotifierItem")
        self._icon = icon

    @dbus_property(access=PropertyAccess.READ)
    def Category(self) -> DBusStr:
        return "ApplicationStatus"

    @dbus_property(access=PropertyAccess.READ)
    def Id(self) -> DBusStr:
        return str(self._icon.name)

    @dbus_property(access=PropertyAccess.READ)
    def Title(self) -> DBusStr:
        return str(self._icon.title)

    @dbus_property(access=PropertyAccess.READ)
    def Status(self) -> DBusStr:
        return "Active"

    @dbus_property(access=PropertyAccess.READ)
    def IconName(self) -> DBusStr:
        return ""

    @dbus_property(access=PropertyAccess.READ)
    def IconPixmap(self) -> _Pixmaps:
        return self._icon.pixmaps

    @dbus_property(access=PropertyAccess.READ)
    def ToolTip(self) -> Annotated[list[Any], DBusSignature("(sa(iiay)ss)")]:
        return ["", [], str(self._icon.title), ""]

    @dbus_property(access=PropertyAccess.READ)
    def ItemIsMenu(self) -> DBusBool:
        return False

    @dbus_property(access=PropertyAccess.READ)
    def Menu(self) -> DBusObjectPath:
        return MENU_PATH

    @dbus_method()
    def Activate(self, x: DBusInt32, y: DBusInt32) -> None:
        del x, y
        self._icon()

    @dbus_method()
    def SecondaryActivate(self, x: DBusInt32, y: DBusInt32) -> None:
        del x, y

    @dbus_method()
    def ContextMenu(self, x: DBusInt32, y: DBusInt32) -> None:
        del x, y

    @dbus_signal()
    def NewIcon(self) -> None:
        return

    @dbus_signal()
    def NewTitle(self) -> None:
        return

    @dbus_signal()
    def NewToolTip(self) -> None:
        return


class NotifierIcon(pystray.Icon):  # type: ignore[misc]  # pystray ships no types
    """The icon; the loop runs in the thread that calls ``run``, everything else may be any."""

    HAS_MENU = True
    HAS_DEFAULT_ACTION = True
    HAS_MENU_RADIO = True
    HAS_NOTIFICATION = False

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done = asyncio.Event()
        self._item = _Item(self)
        self._dbus_menu = DBusMenu(lambda item: item(self))

    def _post(self, what: Any) -> None:
        """Let the loop do something soon; nothing where there is none (any more)."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(what)

    @property
    def pixmaps(self) -> list[Any]:
        """The icon in all sizes; the panel takes the one that fits."""
        face = face_of(self.icon)
        return [[size, size, argb(picture(face, size))] for size in SIZES]

    def _show(self) -> None:
        """Do nothing: the icon is there as long as the process."""

    def _hide(self) -> None:
        """Do nothing; called when the icon goes, after the loop has ended."""

    def _update_icon(self) -> None:
        self._icon_valid = True
        self._post(self._item.NewIcon)

    def _update_title(self) -> None:
        def tell() -> None:
            self._item.NewTitle()
            self._item.NewToolTip()

        self._post(tell)

    def _update_menu(self) -> None:
        self._post(lambda: self._dbus_menu.show(self.menu))

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BUS_ERRORS as error:
            raise OSError(f"the session bus went away: {error}") from error

    def _stop(self) -> None:
        self._post(self._done.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        bus = await MessageBus(bus_type=BusType.SESSION).connect()
        bus.export(_ITEM_PATH, self._item)
        bus.export(MENU_PATH, self._dbus_menu)
        name = f"org.kde.StatusNotifierItem-{os.getpid()}-1"
        await bus.request_name(name)
        registrations: set[asyncio.Task[None]] = set()

        def heard(message: Message) -> None:
            """Register again with a panel that came back."""
            is_change = message.member == "NameOwnerChanged" and message.body[0] == _WATCHER
            if is_change and message.body[2]:
                task = asyncio.ensure_future(_register(bus, name))
                registrations.add(task)
                task.add_done_callback(registrations.discard)

        bus.add_message_handler(heard)
        await bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=[f"type='signal',member='NameOwnerChanged',arg0='{_WATCHER}'"],
            )
        )
        self._mark_ready()
        await _register(bus, name)
        stopped = asyncio.ensure_future(self._done.wait())
        # A bus that goes away is the end of the session.
        lost = asyncio.ensure_future(bus.wait_for_disconnect())  # type: ignore[no-untyped-call]  # the library's
        await asyncio.wait([stopped, lost], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await leave(bus, lost)


async def _register(bus: MessageBus, name: str) -> None:
    for _ in range(_REGISTER_TRIES):
        if await _called(bus, _WATCHER, "RegisterStatusNotifierItem", "s", [name]) is not None:
            return
        await asyncio.sleep(_TRY_AGAIN_SECONDS)
