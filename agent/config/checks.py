"""What is wrong between settings that are each right by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.config.mistakes import Mistake, mistake_at
from agent.config.paths import PathMistakeError, comparable, contains, expand
from agent.config.read import Document
from agent.config.settings import SUBFOLDER


@dataclass(frozen=True, slots=True)
class _Folder:
    index: int
    line: int
    path: str
    recursive: bool


def contradictions(
    document: Document, environ: Mapping[str, str], folder: str, default_data_dir: str | None
) -> Iterator[Mistake]:
    """Yield the mistakes that two settings make together.

    They are looked for in the values as written, so that they are reported beside all others.
    ``folder`` is where the file lies; ``default_data_dir`` counts where the file names none.
    """
    yield from _unread_subfolders(document)
    folders = list(_folders(document, environ, folder))
    yield from _same_folders(document, folders)
    agent = document.values.get("agent")
    written = agent.get("data_dir") if isinstance(agent, dict) else None
    data_dir = _expanded(written, environ, folder) if written else default_data_dir
    if data_dir:
        yield from _watching_itself(document, folders, data_dir)


def _unread_subfolders(document: Document) -> Iterator[Mistake]:
    for index, table in _tables(document):
        if table.get("site") == SUBFOLDER and table.get("recursive") is False:
            yield mistake_at(
                document,
                ("folders", index, "recursive"),
                f'must not be false with site = "{SUBFOLDER}": those bills lie in subfolders',
            )


def _same_folders(document: Document, folders: list[_Folder]) -> Iterator[Mistake]:
    first: dict[str, _Folder] = {}
    for each in folders:
        same = first.setdefault(comparable(each.path), each)
        if same is not each:
            sentence = f"is the same folder as in line {same.line}. Keep one of them"
            yield mistake_at(document, ("folders", each.index, "path"), sentence)


def _watching_itself(
    document: Document, folders: list[_Folder], data_dir: str
) -> Iterator[Mistake]:
    # The store changes with every reading of a folder, and each change would ask for the next.
    for each in folders:
        if comparable(each.path) == comparable(data_dir) or (
            each.recursive and contains(each.path, data_dir)
        ):
            sentence = (
                f"lies in the watched folder of line {each.line}. Name a folder outside of it"
            )
            yield mistake_at(document, ("agent", "data_dir"), sentence)


def _folders(document: Document, environ: Mapping[str, str], folder: str) -> Iterator[_Folder]:
    for index, table in _tables(document):
        path = _expanded(table.get("path"), environ, folder)
        if path is not None:
            line = document.places[("folders", index, "path")].line
            yield _Folder(index, line, path, table.get("recursive") is not False)


def _tables(document: Document) -> Iterator[tuple[int, dict[str, object]]]:
    folders = document.values.get("folders")
    for index, table in enumerate(folders if isinstance(folders, list) else ()):
        if isinstance(table, dict):
            yield index, table


def _expanded(written: object, environ: Mapping[str, str], folder: str) -> str | None:
    """Return the path where it can be known; if not, the schema has its own mistake for it."""
    try:
        return expand(written, environ, folder) if written and isinstance(written, str) else None
    except PathMistakeError:
        return None
