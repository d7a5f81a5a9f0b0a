"""The owner's wishes: one TOML file, read, checked and turned into plain frozen values.

Here live the one schema of all settings, loading with every mistake at once, and what is rendered
from that schema: the example file, the README's table, the JSON Schema. Never here: a second list
of settings, the API key, or a look at what lies in the folders.

Importing this package is cheap: pydantic and tomli-w are imported by the functions that need them.
"""

from agent.config.load import load
from agent.config.settings import (
    SUBFOLDER,
    AgentSettings,
    DetectionSettings,
    FolderSettings,
    NectarSettings,
    ResultsSettings,
    Settings,
)

__all__ = [
    "SUBFOLDER",
    "AgentSettings",
    "DetectionSettings",
    "FolderSettings",
    "NectarSettings",
    "ResultsSettings",
    "Settings",
    "load",
]
