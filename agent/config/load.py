"""Loading the configuration: every mistake at once, or settings that need no more questions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from agent.bills.errors import ConfigurationError
from agent.config.checks import contradictions
from agent.config.misplaced_key import BELONGS, misplaced_keys
from agent.config.mistakes import mistake_at
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
    a folder or file that is named exists: that can heal by itself and is no mistake.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    document = read(absolute)
    file = _checked(document, environ, str(absolute.parent), default_data_dir)
    return _settings(absolute, document, file, default_data_dir)


def _checked(
    document: Document, environ: Mapping[str, str], folder: str, default_data_dir: str | None
) -> ConfigurationFile:
    # pydantic takes a fifth of a second to import, and not every command reads the settings.
    from pydantic import ValidationError  # noqa: PLC0415 - see above

    from agent.config.definitions import definitions  # noqa: PLC0415 - see above
    from agent.config.describe import describe  # noqa: PLC0415 - see above
    from agent.config.schema import ConfigurationFile  # noqa: PLC0415 - see above

    refused = set(misplaced_keys(document.values))
    mistakes = {mistake_at(document, way, BELONGS) for way in refused}
    mistakes.update(contradictions(document, environ, folder, default_data_dir))
    try:
        file = ConfigurationFile.model_validate(
            document.values, context={"environ": environ, "folder": folder}
        )
    except ValidationError as error:
        findings = (finding for finding in error.errors() if finding["loc"] not in refused)
        mistakes.update(describe(findings, document, definitions()))
    else:
        if not mistakes:
            return file
    raise ConfigurationError(tuple(each.text(document.name) for each in sorted(mistakes)))


def _settings(
    path: Path, document: Document, file: ConfigurationFile, default_data_dir: str | None
) -> Settings:
    from agent.config.definitions import definitions  # noqa: PLC0415 - imports pydantic
    from agent.config.origins import origins  # noqa: PLC0415 - imports pydantic

    detection = dict(file.detection) | {
        "ignore": tuple(file.detection.ignore),
        "types": tuple(file.detection.types),
    }
    agent = dict(file.agent) | {"data_dir": file.agent.data_dir or default_data_dir}
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
                written=written["path"],
            )
            for folder, written in zip(file.folders, document.values["folders"], strict=True)
        ),
        site_names=MappingProxyType(dict(file.site_names)),
        detection=DetectionSettings(**detection),
        results=ResultsSettings(**dict(file.results)),
        agent=AgentSettings(**agent),
        origins=origins(document, definitions()),
    )
