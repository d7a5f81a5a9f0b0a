"""The owner's wishes: one TOML file, read, checked and turned into plain frozen values.

Here live the one schema of all settings, loading with every mistake at once, and what is rendered
from that schema (``render``, ``document``). Never here: a second list of settings, the API key, or
a look at what lies in the folders.

Importing this package is cheap: only ``load``, when called, and the modules ``render`` and
``document`` import pydantic.
"""

from agent.config.data_dir import written_data_dir
from agent.config.effective import (
    EffectiveSetting,
    effective_settings,
)
from agent.config.find import find_config_file
from agent.config.load import load
from agent.config.settings import (
    SUBFOLDER,
    AgentSettings,
    DetectionSettings,
    FolderSettings,
    NectarSettings,
    ResultsSettings,
    Settings,
    changes_needing_restart,
)

__all__ = [
    "SUBFOLDER",
    "AgentSettings",
    "DetectionSettings",
    "EffectiveSetting",
    "FolderSettings",
    "NectarSettings",
    "ResultsSettings",
    "Settings",
    "changes_needing_restart",
    "effective_settings",
    "find_config_file",
    "load",
    "written_data_dir",
]
