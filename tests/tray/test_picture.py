"""The icon: its states differ in shape, and it stands out on light and on dark panels."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from readme_pictures import FOLDER, drawn

from agent.tray.picture import SIZES, argb, face_of, largest, picture
from agent.tray.seen import Face

PANELS = {"light": (246, 246, 246), "grey": (128, 128, 128), "dark": (30, 30, 32)}


def on_panel(face: Face, size: int, colour: tuple[int, int, int]) -> Image.Image:
    """Return the icon as it stands on a panel."""
    panel = Image.new("RGB", (size, size), colour)
    panel.paste(picture(face, size), (0, 0), picture(face, size))
    return panel


def luminance(colour: tuple[float, ...]) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    parts = [each / 255 for each in colour]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast of two colours, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", PANELS)
def test_states_differ_without_colour(size: int, panel: str) -> None:
    """In shades of grey, a twentieth of the icon is clearly another between any two states."""
    greys = {face: on_panel(face, size, PANELS[panel]).convert("L") for face in Face}
    for one, other in itertools.combinations(Face, 2):
        difference = ImageChops.difference(greys[one], greys[other])
        clearly = sum(difference.point(lambda value: 255 if value > 48 else 0).histogram()[255:])
        assert clearly >= size * size / 20, (one, other)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("face", Face)
def test_stands_out_on_every_panel(face: Face, panel: str, size: int) -> None:
    """A seventh of the square, at least, has the contrast that graphics should have: 3 to 1."""
    colour = PANELS[panel]
    shown = on_panel(face, size, colour)
    clear = sum(
        contrast(shown.getpixel((x, y)), colour) >= 3.0  # type: ignore[arg-type]
        for x in range(size)
        for y in range(size)
    )
    assert clear >= size * size / 7


@pytest.mark.parametrize("face", Face)
def test_the_badge_stands_out_on_the_bill(face: Face) -> None:
    """What tells the states apart is clear against the sheet that it lies on: 4.5 to 1 and more."""
    badge = picture(face, 64).crop((32, 32, 64, 64))
    white = (255, 255, 255)
    found = [colour for _, colour in badge.getcolors(4096) or [] if isinstance(colour, tuple)]
    colours = [colour for colour in found if colour[3] == 255]
    assert max(contrast(colour[:3], white) for colour in colours) >= 4.5


@pytest.mark.parametrize("size", SIZES)
def test_fills_its_square(size: int) -> None:
    """No size is an empty or a tiny picture; the corners stay free."""
    for face in Face:
        image = picture(face, size)
        assert image.size == (size, size)
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)
        left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
        assert (right - left) * (bottom - top) >= size * size * 0.75
        assert ImageStat.Stat(image.getchannel("A")).mean[0] > 100


def test_pixels_for_d_bus_have_alpha_first() -> None:
    """One pixel of a known colour, in the order of the protocol."""
    assert argb(Image.new("RGBA", (1, 1), (1, 2, 3, 4))) == bytes([4, 1, 2, 3])


def test_a_picture_knows_its_face() -> None:
    """So that the backend can draw it in other sizes."""
    assert [face_of(largest(face)) for face in Face] == list(Face)


def test_pictures_of_readme_are_what_the_program_draws() -> None:
    """If not: ``python tests/tray/readme_pictures.py`` writes them.

    Another Pillow may smooth an edge a little differently; another icon differs ten times more.
    """
    assert sorted(drawn()) == sorted(path.name for path in FOLDER.iterdir())
    for name, image in drawn().items():
        with Image.open(FOLDER / name) as kept:
            difference = ImageChops.difference(kept.convert("RGB"), image)
        assert max(ImageStat.Stat(difference).mean) < 0.5, name


def test_readme_shows_every_state() -> None:
    """README explains each picture, with the state's word."""
    readme = (FOLDER.parents[1] / "README.md").read_text("utf-8")
    for face in Face:
        assert f"![{face.value}](installer/pictures/{face.value}.png)" in readme


def test_pictures_of_each_state(pictures: Path) -> None:
    """For people to look at: every state in panels' sizes, enlarged, on light, grey and dark."""
    sizes, larger, gap = (16, 22, 32), 6, 12
    row = max(sizes) * larger + gap
    width = sum(size * larger + gap for size in sizes)
    sheet = Image.new("RGB", (width * len(PANELS), row * len(Face)))
    for column, colour in enumerate(PANELS.values()):
        sheet.paste(colour, (column * width, 0, (column + 1) * width, sheet.height))
        for line, face in enumerate(Face):
            left = column * width + gap // 2
            for size in sizes:
                icon = picture(face, size).resize((size * larger,) * 2, Image.Resampling.NEAREST)
                sheet.paste(icon, (left, line * row + gap // 2), icon)
                left += size * larger + gap
    sheet.save(pictures / "states.png")
    assert len(sheet.getcolors(1 << 20) or []) > 50
