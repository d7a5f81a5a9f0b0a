"""Where the data lies, as far as a configuration tells that is not usable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from agent.bills.errors import ConfigurationError
from agent.config.paths import PathMistakeError, expand
from agent.config.read import read


def written_data_dir(path: Path, environ: Mapping[str, str]) -> str | None:
    """Return the ``data_dir`` that the file names, None where it names none or cannot be read.

    For telling how the service is although the settings are wrong; never raises.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    try:
        agent = read(absolute).values.get("agent")
        written = agent.get("data_dir") if isinstance(agent, dict) else None
        if isinstance(written, str) and written:
            return expand(written, environ, str(absolute.parent))
    except (ConfigurationError, PathMistakeError):
        return None
    return None
