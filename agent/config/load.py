"""Loading the configuration: every mistake at once, or settings that need no more questions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from agent.bills.errors import ConfigurationError
from agent.config.checks import contradictions
from agent.config.describe import describe
from agent.config.misplaced_key import BELONGS, misplaced_keys
from agent.config.mistakes import mistake_at
from agent.config.origins import origins
from agent.config.read import Document, read
from agent.config.settings import (
    AgentSettings,
    DetectionSettings,
    FolderSettings,
    NectarSettings,
    ResultsSettings,
    Settings,
)

if TYPE_CHECKING:
    from agent.config.schema import ConfigurationFile


def load(
    path: Path, environ: Mapping[str, str], *, default_data_dir: str | None = None
) -> Settings:
    """Return the settings in the file at ``path``, complete and checked.

    ``environ`` gives ``~`` and the variables in paths. ``default_data_dir`` is used, and checked
    against the folders, where the file names no ``data_dir``.

    Raises ConfigurationError with **all** mistakes, in the order of the file. Never looks whether
    a folder or file that is named exists: that is a hold, which can heal, and no mistake.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    return _settings(absolute, read(absolute), environ, default_data_dir)


def _settings(
    path: Path, document: Document, environ: Mapping[str, str], default_data_dir: str | None
) -> Settings:
    # pydantic takes a fifth of a second to import; who only looks at the status must not wait.
    from pydantic import ValidationError

    from agent.config.schema import ConfigurationFile, known_keys

    folder = str(path.parent)
    refused = list(misplaced_keys(document.values))
    mistakes = [mistake_at(document, way, BELONGS) for way in refused]
    mistakes += contradictions(document, environ, folder, default_data_dir)
    try:
        file = ConfigurationFile.model_validate(
            document.values, context={"environ": environ, "folder": folder}
        )
    except ValidationError as error:
        findings = (found for found in error.errors() if found["loc"] not in refused)
        mistakes += describe(findings, document, known_keys())
    if mistakes:
        raise ConfigurationError(tuple(each.text(document.name) for each in sorted(set(mistakes))))
    return _plain(path, document, file, default_data_dir, origins(document, known_keys()))


def _plain(
    path: Path,
    document: Document,
    file: ConfigurationFile,
    default_data_dir: str | None,
    origin_of: Mapping[str, str],
) -> Settings:
    agent = file.agent
    return Settings(
        path=path,
        nectar=NectarSettings(**dict(file.nectar)),
        folders=tuple(
            FolderSettings(
                path=folder.path,
                site=folder.site,
                company=folder.company or file.nectar.company,
                recursive=folder.recursive,
                types=tuple(folder.types or file.detection.types),
                written=document.values["folders"][index]["path"],
            )
            for index, folder in enumerate(file.folders)
        ),
        site_names=MappingProxyType(dict(file.site_names)),
        detection=DetectionSettings(
            **dict(file.detection)
            | {"ignore": tuple(file.detection.ignore), "types": tuple(file.detection.types)}
        ),
        results=ResultsSettings(**dict(file.results)),
        agent=AgentSettings(**dict(agent) | {"data_dir": agent.data_dir or default_data_dir}),
        origins=origin_of,
    )
