"""README's pictures of the icon, and the writing of them.

Run ``python tests/tray/readme_pictures.py`` after the icon was drawn anew.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from agent.tray.picture import picture
from agent.tray.seen import Face

FOLDER = Path(__file__).parents[2] / "installer/pictures"
SIZE = 32
PANELS = {"light": (246, 246, 246), "dark": (34, 36, 40)}


def drawn() -> dict[str, Image.Image]:
    """Return every picture by the name of its file: the icon on a light and on a dark panel."""
    return {f"{face.value}.png": _on_panels(face) for face in Face}


def _on_panels(face: Face) -> Image.Image:
    edge = 6
    side = SIZE + 2 * edge
    image = Image.new("RGB", (side * len(PANELS), side))
    for place, colour in enumerate(PANELS.values()):
        image.paste(colour, (place * side, 0, (place + 1) * side, side))
        icon = picture(face, SIZE)
        image.paste(icon, (place * side + edge, edge), icon)
    return image


def main() -> None:
    """Write them."""
    FOLDER.mkdir(exist_ok=True)
    for name, image in drawn().items():
        image.save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
