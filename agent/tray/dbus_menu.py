"""The menu over D-Bus: ``com.canonical.dbusmenu``, as panels read and click it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from dbus_fast import PropertyAccess, Variant
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from agent.tray.loading import pystray
from agent.tray.pystray_menu import KEY

MENU_PATH = "/MenuBar"
_ROOT = 0
_MOST_IDS = 5000

Properties = dict[str, Variant]
_Layout = Annotated[list[Any], DBusSignature("(ia{sv}av)")]
_Names = Annotated[list[str], DBusSignature("as")]
_Ids = Annotated[list[int], DBusSignature("ai")]


@dataclass(slots=True)
class Node:
    """One line of the menu as the panel knows it."""

    id: int
    properties: Properties
    children: list["Node"] = field(default_factory=list)
    item: Any = None


class MenuTree:
    """The menu by numbers, which stay with an entry from one menu to the next."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._last_id = _ROOT
        self.root = Node(_ROOT, _submenu())
        self._nodes = {_ROOT: self.root}

    def show(self, menu: Any | None) -> list[Any] | None:
        """Take a new menu; return the lines that say something else than before.

        None: there are other lines.
        """
        before = self.root
        self.root = Node(_ROOT, _submenu(), list(self._built(menu, "")))
        self._nodes = {node.id: node for node in _all(self.root)}
        if len(self._ids) > _MOST_IDS:
            self._ids = {key: id_ for key, id_ in self._ids.items() if id_ in self._nodes}
        if not _is_alike(before, self.root):
            return None
        return [
            [new.id, new.properties]
            for old, new in zip(_all(before), _all(self.root), strict=True)
            if old.properties != new.properties
        ]

    def node(self, node_id: int) -> Node | None:
        """Return a line of the present menu, None where the panel means one of an earlier."""
        return self._nodes.get(node_id)

    def nodes(self) -> Iterator[Node]:
        """Yield every line."""
        yield from self._nodes.values()

    def _built(self, menu: Any | None, above: str) -> Iterator[Node]:
        for place, item in enumerate(menu or ()):
            if item is pystray.Menu.SEPARATOR:
                yield Node(self._id(f"{above}|{place}"), {"type": Variant("s", "separator")})
                continue
            key = getattr(item, KEY, f"{above}|{place} {item.text}")
            node = Node(self._id(key), _properties(item), item=item)
            if item.submenu is not None:
                node.properties |= _submenu()
                node.children = list(self._built(item.submenu, key))
            yield node

    def _id(self, key: str) -> int:
        if key not in self._ids:
            self._last_id += 1
            self._ids[key] = self._last_id
        return self._ids[key]


def _submenu() -> Properties:
    return {"children-display": Variant("s", "submenu")}


def _properties(item: Any) -> Properties:
    properties = {
        # An underscore would mark the letter after it as a shortcut.
        "label": Variant("s", item.text.replace("_", "__")),
        "enabled": Variant("b", bool(item.enabled)),
    }
    if item.checked is not None:
        properties["toggle-type"] = Variant("s", "radio" if item.radio else "checkmark")
        properties["toggle-state"] = Variant("i", int(item.checked))
    return properties


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _is_alike(one: Node, other: Node) -> bool:
    """Whether both have the same lines with the same kinds of properties."""
    return (
        one.id == other.id
        and one.properties.keys() == other.properties.keys()
        and len(one.children) == len(other.children)
        and all(map(_is_alike, one.children, other.children))
    )


def layout(node: Node, depth: int, names: Sequence[str]) -> list[Any]:
    """Return a line and what is below it; ``depth`` -1 is all, ``names`` () every property."""
    below = [] if depth == 0 else [layout(each, depth - 1, names) for each in node.children]
    children = [Variant("(ia{sv}av)", each) for each in below]
    return [node.id, wanted(node.properties, names), children]


def wanted(properties: Properties, names: Sequence[str]) -> Properties:
    """Return the properties that are asked for; no name at all asks for every one."""
    return {name: value for name, value in properties.items() if not names or name in names}


class DBusMenu(ServiceInterface):
    """What panels call. Clicks are handed to ``on_click`` with the pystray item."""

    def __init__(self, on_click: Callable[[Any], None]) -> None:
        super().__init__("com.canonical.dbusmenu")
        self._tree = MenuTree()
        self._on_click = on_click
        self._revision = 1

    def show(self, menu: Any | None) -> None:
        """Show another menu, and tell the panel where it differs."""
        changed = self._tree.show(menu)
        if changed is None:
            self._revision += 1
            self.LayoutUpdated()
        elif changed:  # a menu that is open stays open
            self.ItemsPropertiesUpdated(changed)

    @dbus_property(access=PropertyAccess.READ)
    def Version(self) -> DBusUInt32:
        return 3

    @dbus_property(access=PropertyAccess.READ)
    def TextDirection(self) -> DBusStr:
        return "ltr"

    @dbus_property(access=PropertyAccess.READ)
    def Status(self) -> DBusStr:
        return "normal"

    @dbus_property(access=PropertyAccess.READ)
    def IconThemePath(self) -> _Names:
        return []

    @dbus_method()
    def GetLayout(
        self, parent: DBusInt32, depth: DBusInt32, names: _Names
    ) -> Annotated[list[Any], DBusSignature("u(ia{sv}av)")]:
        node = self._tree.node(parent) or self._tree.root
        return [self._revision, layout(node, depth, names)]

    @dbus_method()
    def GetGroupProperties(
        self, ids: _Ids, names: _Names
    ) -> Annotated[list[Any], DBusSignature("a(ia{sv})")]:
        nodes = [each for each in self._tree.nodes() if not ids or each.id in ids]
        return [[each.id, wanted(each.properties, names)] for each in nodes]

    @dbus_method()
    def GetProperty(
        self, node_id: DBusInt32, name: DBusStr
    ) -> Annotated[Variant, DBusSignature("v")]:
        node = self._tree.node(node_id)
        found = node.properties.get(name) if node is not None else None
        return found if found is not None else Variant("s", "")

    @dbus_method()
    def Event(
        self,
        node_id: DBusInt32,
        event: DBusStr,
        data: Annotated[Variant, DBusSignature("v")],
        at: DBusUInt32,
    ) -> None:
        del data, at
        self._happened(node_id, event)

    @dbus_method()
    def EventGroup(self, events: Annotated[list[Any], DBusSignature("a(isvu)")]) -> _Ids:
        return [each[0] for each in events if not self._happened(each[0], each[1])]

    @dbus_method()
    def AboutToShow(self, node_id: DBusInt32) -> DBusBool:
        del node_id
        return False

    @dbus_method()
    def AboutToShowGroup(self, ids: _Ids) -> Annotated[list[Any], DBusSignature("aiai")]:
        return [[], [each for each in ids if self._tree.node(each) is None]]

    @dbus_signal()
    def LayoutUpdated(self) -> Annotated[list[Any], DBusSignature("ui")]:
        return [self._revision, _ROOT]

    @dbus_signal()
    def ItemsPropertiesUpdated(
        self, changed: list[Any]
    ) -> Annotated[list[Any], DBusSignature("a(ia{sv})a(ias)")]:
        return [changed, []]

    def _happened(self, node_id: int, event: str) -> bool:
        """Pass a click on; return whether there is such a line."""
        node = self._tree.node(node_id)
        if node is not None and node.item is not None and event == "clicked":
            self._on_click(node.item)
        return node is not None
