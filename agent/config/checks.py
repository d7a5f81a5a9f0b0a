"""What is wrong between settings that are each right by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agent.config.mistakes import Mistake, mistake_at
from agent.config.paths import PathMistakeError, comparable, contains, expand
from agent.config.read import Document
from agent.config.settings import SUBFOLDER


def contradictions(
    document: Document, environ: Mapping[str, str], folder: str, data_dir: str | None
) -> Iterator[Mistake]:
    """Yield the mistakes that two settings make together.

    Looks at the values as written, so that they are found together with all others. ``folder`` is
    where the file lies; ``data_dir`` is used where the file names none.
    """
    folders = _tables(document.values.get("folders"))
    paths: dict[int, str] = {}
    for index, table in folders.items():
        if table.get("site") == SUBFOLDER and table.get("recursive") is False:
            yield mistake_at(
                document,
                ("folders", index, "recursive"),
                f'must not be false with site = "{SUBFOLDER}", whose bills lie in subfolders',
            )
        path = _expanded(table.get("path"), environ, folder)
        if path is not None:
            yield from _same_folder(document, index, path, paths)
            paths[index] = path
    yield from _watching_itself(document, folders, paths, environ, folder, data_dir)


def _same_folder(
    document: Document, index: int, path: str, earlier: Mapping[int, str]
) -> Iterator[Mistake]:
    for other, other_path in earlier.items():
        if comparable(path) == comparable(other_path):
            line = document.places[("folders", other, "path")].line
            yield mistake_at(
                document,
                ("folders", index, "path"),
                f"is the same folder as in line {line}. Keep one of them",
            )
            return


def _watching_itself(
    document: Document,
    folders: Mapping[int, Mapping[str, Any]],
    paths: Mapping[int, str],
    environ: Mapping[str, str],
    folder: str,
    default: str | None,
) -> Iterator[Mistake]:
    """The store changes with every reading: in a watched folder it would set off the next one."""
    agent = document.values.get("agent")
    written = agent.get("data_dir") if isinstance(agent, dict) else None
    data_dir = _expanded(written, environ, folder) if written else default
    if data_dir is None:
        return
    for index, path in paths.items():
        recursive = folders[index].get("recursive") is not False
        if comparable(path) == comparable(data_dir) or (recursive and contains(path, data_dir)):
            line = document.places[("folders", index, "path")].line
            yield mistake_at(
                document,
                ("agent", "data_dir"),
                f"lies in the watched folder of line {line}. Name a folder outside of it",
            )
            return


def _tables(value: object) -> dict[int, Mapping[str, Any]]:
    if not isinstance(value, list):
        return {}
    return {index: table for index, table in enumerate(value) if isinstance(table, dict)}


def _expanded(written: object, environ: Mapping[str, str], folder: str) -> str | None:
    if not isinstance(written, str) or not written.strip():
        return None
    try:
        return expand(written.strip(), environ, folder)
    except PathMistakeError:
        return None
