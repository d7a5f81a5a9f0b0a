"""Where the agent's things lie on this system, each in the place its users expect."""

from __future__ import annotations

from pathlib import Path

from platformdirs import PlatformDirs, PlatformDirsABC

APPLICATION = "nectar-bill-agent"

_CONFIG_FILE = "config.toml"


def config_candidates(system: type[PlatformDirsABC] = PlatformDirs) -> tuple[Path, ...]:
    """Return where the configuration may lie: the user's place, then the machine's places.

    ``system`` is this one; README tells the places of each.
    """
    return tuple(folder / _CONFIG_FILE for folder in _directories(system).iter_config_paths())


def default_data_dir(system: type[PlatformDirsABC] = PlatformDirs) -> str:
    """Return the user's data directory, for store, lock and logs; nothing is made."""
    return str(_directories(system).user_data_path)


def home_dir() -> str:
    """Return the user's home, the root where there is none."""
    try:
        return str(Path.home())
    except RuntimeError:  # a number without a name, as in some containers
        return "/"


def log_dir(data_dir: str) -> Path:
    """Return where the logs lie in ``data_dir``."""
    return Path(data_dir, "logs")


def _directories(system: type[PlatformDirsABC]) -> PlatformDirsABC:
    # Made anew each time: the environment names some of the places.
    return system(APPLICATION, appauthor=False, multipath=True)
