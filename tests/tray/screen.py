"""A screen that nobody looks at, with the panel of a real desk: Xvfb and xfce4-panel."""

from __future__ import annotations

import itertools
import math
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from desk import Bus, until
from PIL import Image, ImageChops, ImageGrab, ImageStat
from user_home import without_screen

from agent.tray.picture import picture
from agent.tray.seen import Face

MIDDLE = (16, 16)
"""Of the first icon on the panel."""
_AREA = 32
NEEDED = ("Xvfb", "dbus-daemon", "xfce4-panel", "trayer", "xdotool")
_XFCONFD = sorted(Path("/usr/lib").glob("*/xfce4/xfconf/xfconfd"))
_PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""


def missing() -> list[str]:
    """Return the programs that are not installed."""
    absent = [each for each in NEEDED if shutil.which(each) is None]
    return absent + ([] if _XFCONFD else ["xfconfd"])


class Screen:
    """The screen with its panel on top; ``folder`` is the home of its user."""

    def __init__(self, folder: Path) -> None:
        self._processes: list[subprocess.Popen[Any]] = []
        reading, writing = os.pipe()
        self._start(
            *(
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                "640x480x24",
                "-noreset",
                "-nolisten",
                "tcp",
            ),
            environ=dict(os.environ),
            pass_fds=(writing,),
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        self.session = Bus(folder)
        settings = folder / "xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
        settings.parent.mkdir(parents=True)
        settings.write_text(_PANEL, "utf-8")
        self.environ = without_screen(folder, self.session.address) | {
            "DISPLAY": self.display,
            "GTK_THEME": "Adwaita",
            "NO_AT_BRIDGE": "1",
        }
        self._start(str(_XFCONFD[0]), environ=self.environ)
        time.sleep(0.3)

    def begin_old_panel(self) -> None:
        """Let a panel come that shows icons of the old kind: windows, not over D-Bus."""
        place = ("--edge", "top", "--align", "left", "--widthtype", "pixel", "--width", "34")
        look = ("--height", "32", "--transparent", "false")
        self._start("trayer", *place, *look, environ=self.environ)

    def begin_panel(self) -> None:
        """Let the panel come."""
        self._start("xfce4-panel", "--disable-wm-check", environ=self.environ)

    def end_panel(self) -> None:
        """Let the panel crash."""
        panel = self._processes.pop()
        panel.kill()
        panel.wait(10)

    def end(self) -> None:
        """End what was started, the last first."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(10)
        self.session.end()

    def picture(self, name: Path | None = None) -> Image.Image:
        """Return what is on the screen, and keep it as a file where one is named."""
        image = ImageGrab.grab(xdisplay=self.display)
        if name is not None:
            image.save(name)
        return image

    def area(self) -> Image.Image:
        """Return what is where the first icon stands."""
        return self.picture().convert("RGB").crop((0, 0, _AREA, _AREA))

    def until_seen(self, face: Face) -> tuple[int, int]:
        """Wait until the panel shows a face; return where it stands."""
        until(lambda: self.face() is face, f"{face.value} is not on the screen")
        return MIDDLE

    def face(self) -> Face | None:
        """Return the face that the panel shows, None where it shows none."""
        screen = self.picture().convert("RGB")
        empty = Image.new("RGB", (_AREA, _AREA), screen.getpixel((400, 16)))
        panel = screen.crop((0, 0, _AREA, _AREA))
        # The panel may draw it half a pixel beside: the face that is most alike is meant.
        faces: dict[Face | None, float] = {None: _unlike(panel, empty) / 2}
        for face in Face:
            icon = picture(face, 22)
            unlike = [math.inf]
            for left, top in itertools.product(range(3, 9), range(3, 9)):
                drawn = empty.copy()
                drawn.paste(icon, (left, top), icon)
                unlike.append(_unlike(panel, drawn))
            faces[face] = min(unlike)
        return min(faces, key=lambda each: faces[each])

    def open_menu(self, place: tuple[int, int]) -> None:
        """Open the menu of the icon there, and wait until it is drawn."""
        before = self.picture()
        self._mouse("mousemove", str(place[0]), str(place[1]))
        self._mouse("click", "3")
        until(lambda: _differ(before, self.picture()) > 10_000, "no menu came")

    def press(self, *keys: str) -> None:
        """Press keys, each once what the one before did is drawn."""
        for key in keys:
            self._press(key)

    def _press(self, key: str) -> None:
        before = self.picture()
        self._mouse("key", key)
        until(lambda: _differ(before, self.picture()) > 100, f"{key} did nothing")

    def click(self, place: tuple[int, int], button: int) -> None:
        """Click somewhere."""
        self._mouse("mousemove", str(place[0]), str(place[1]))
        self._mouse("click", str(button))

    def _mouse(self, *command: str) -> None:
        subprocess.run(["xdotool", *command], env=self.environ, check=True, timeout=10)

    def _start(
        self, *command: str, environ: dict[str, str], pass_fds: tuple[int, ...] = ()
    ) -> None:
        process = subprocess.Popen(
            command,
            env=environ,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)


def _differ(one: Image.Image, other: Image.Image) -> int:
    """Return how many pixels differ."""
    difference = ImageChops.difference(one.convert("L"), other.convert("L"))
    return sum(difference.histogram()[1:])


def _unlike(one: Image.Image, other: Image.Image) -> float:
    """Return how far two pictures differ on the average."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean)
