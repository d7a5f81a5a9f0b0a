"""The menu by numbers: an entry keeps its own, and an open menu is changed as little as can be."""

from __future__ import annotations

from typing import Any

import pytest
from seen_here import NOW, failed, read, seen

from agent.store.views import ServiceState
from agent.tray.dbus_menu import MenuTree, layout
from agent.tray.menu import menu
from agent.tray.pystray_menu import pystray_menu
from agent.tray.seen import Seen

NEEDS = ServiceState.NEEDS_YOU


def shown(look: Seen) -> Any:
    """Return pystray's menu of what is seen."""
    return pystray_menu(menu(look), lambda _: None)


def numbers(tree: MenuTree) -> dict[str, int]:
    """Return the number of each label."""
    return {
        node.properties["label"].value: node.id
        for node in tree.nodes()
        if "label" in node.properties
    }


def test_an_entry_keeps_its_number() -> None:
    """Whatever comes and goes around it: a click that comes late means what was clicked."""
    tree = MenuTree()
    tree.show(shown(seen()))
    before = numbers(tree)
    tree.show(shown(seen(NEEDS, concerns=(failed(3),), recent=(read("a.pdf"), read("b.pdf")))))
    between = numbers(tree)
    tree.show(shown(seen(recent=(read("b.pdf"),))))
    after = numbers(tree)
    for label in ("Look for new bills now", "For 1 hour", "/bills/seven", "Show log"):
        assert before[label] == between[label] == after[label]
    (bill,) = (label for label in after if label.startswith("b.pdf"))
    assert between[bill] == after[bill]
    gone = between["⚠ 3 bills: no data"]
    assert tree.node(gone) is None
    assert gone not in after.values()


def test_other_words_leave_the_menu_open() -> None:
    """Where only words change, only they are sent; other lines are a new menu."""
    tree = MenuTree()
    working = seen(ServiceState.WORKING)
    assert tree.show(shown(working)) is None
    assert tree.show(shown(working)) == []
    changes = tree.show(shown(seen(ServiceState.IDLE)))
    assert changes is not None
    (changed,) = changes
    assert changed[0] == numbers(tree)["All bills are read; watching for new ones."]
    assert tree.show(shown(seen(NEEDS, concerns=(failed(1),)))) is None


def test_underscores_are_no_shortcuts() -> None:
    """A panel takes an underscore for the mark of a shortcut."""
    tree = MenuTree()
    tree.show(shown(seen(recent=(read("a_b.pdf"),), now=NOW)))
    assert any(label.startswith("a__b.pdf") for label in numbers(tree))


@pytest.mark.parametrize(("depth", "deep"), [(0, 0), (1, 1), (-1, 2)])
def test_a_layout_is_as_deep_as_asked(depth: int, deep: int) -> None:
    """Panels read the menu level by level, or all of it."""

    def depth_of(node: list[Any]) -> int:
        return max((1 + depth_of(child.value) for child in node[2]), default=0)

    tree = MenuTree()
    tree.show(shown(seen()))
    assert depth_of(layout(tree.root, depth, [])) == deep
    named = layout(tree.root, -1, ["label"])
    assert all(child.value[1].keys() <= {"label"} for child in named[2])


def test_numbers_do_not_pile_up() -> None:
    """A tray that lives for years does not remember every bill that it ever listed."""
    tree = MenuTree()
    for number in range(600):
        bills = tuple(read(f"{number}-{each}.pdf") for each in range(10))
        tree.show(shown(seen(recent=bills)))
    assert len(tree._ids) < 5100
