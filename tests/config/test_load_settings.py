"""What the settings are, once a file is right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from datetime import date
from pathlib import Path

import pytest

from agent.config import (
    AgentSettings,
    DetectionSettings,
    FolderSettings,
    NectarSettings,
    ResultsSettings,
    Settings,
    changes_needing_restart,
    load,
)
from agent.config.definitions import definitions

Load = Callable[[str], Settings]

FOLDER = '[[folders]]\npath = "/bills"\nsite = "PLANT-07"\n'
"""The least a file needs, for tests about everything else."""


def test_defaults_are_those_of_the_contract(loaded: Load) -> None:
    """A file with one folder alone has every other setting, at its documented default."""
    settings = loaded(FOLDER)
    assert settings.nectar == NectarSettings(
        base_url="https://external.nectarclimate.com/v2.2",
        environment="production",
        company=None,
        api_key_file=None,
        max_requests=4,
        ca_file=None,
        proxy=None,
    )
    assert settings.detection == DetectionSettings(
        quiet_seconds=10.0,
        scan_seconds=60.0,
        ignore=(),
        types=("pdf", "png", "jpg"),
        incomplete_seconds=600.0,
        existing="ask",
    )
    assert settings.results == ResultsSettings(refresh_hours=24.0)
    assert settings.agent == AgentSettings(data_dir=None, log_level="INFO", notifications=True)
    assert settings.site_names == {}


def test_every_key_reaches_the_settings(loaded: Load, config_file: Path) -> None:
    """What is written is what is used, for each key there is."""
    settings = loaded(
        """
        [nectar]
        base_url = "http://127.0.0.1:8080/v2.2/"
        environment = "sandbox"
        company = "HMF"
        api_key_file = "~/nectar.key"
        max_requests = 10
        ca_file = "/ca.pem"
        proxy = "http://proxy:3128"
        [[folders]]
        path = "/bills"
        site = "PLANT-07"
        company = "LC"
        recursive = false
        types = ["pdf"]
        [site_names]
        "Harbor Mill" = "PLANT-07"
        [detection]
        quiet_seconds = 0.2
        scan_seconds = 0.05
        ignore = ["Old/**"]
        types = ["png", "jpeg", "jpg"]
        incomplete_seconds = 0
        existing = 2026-01-31
        [results]
        refresh_hours = 0.5
        [agent]
        data_dir = "data"
        log_level = "DEBUG"
        notifications = false
        """
    )
    assert settings.path == config_file
    assert settings.nectar == NectarSettings(
        base_url="http://127.0.0.1:8080/v2.2",
        environment="sandbox",
        company="HMF",
        api_key_file=str(config_file.parent / "/home/mara/nectar.key"),
        max_requests=10,
        ca_file=str(config_file.parent / "/ca.pem"),
        proxy="http://proxy:3128",
    )
    assert settings.folders == (
        FolderSettings(
            path=str(config_file.parent / "/bills"),
            site="PLANT-07",
            company="LC",
            recursive=False,
            types=("pdf",),
            written="/bills",
        ),
    )
    assert settings.site_names == {"Harbor Mill": "PLANT-07"}
    assert settings.detection == DetectionSettings(
        quiet_seconds=0.2,
        scan_seconds=0.05,
        ignore=("Old/**",),
        types=("png", "jpg"),
        incomplete_seconds=0.0,
        existing=date(2026, 1, 31),
    )
    assert settings.results == ResultsSettings(refresh_hours=0.5)
    assert settings.agent == AgentSettings(
        data_dir=str(config_file.parent / "data"), log_level="DEBUG", notifications=False
    )


def test_plain_settings_have_the_keys_of_the_schema() -> None:
    """No key of the schema is lost on the way to the plain settings, and none is added."""
    plain = {
        "nectar": NectarSettings,
        "folders": FolderSettings,
        "detection": DetectionSettings,
        "results": ResultsSettings,
        "agent": AgentSettings,
    }
    for table, settings in plain.items():
        names = {member.name for member in fields(settings)} - {"written"}
        assert names == set(definitions()[table].keys)


def test_settings_cannot_be_changed(loaded: Load) -> None:
    """Whoever has the settings has them for good."""
    settings = loaded(FOLDER + '[site_names]\na = "B"\n')
    with pytest.raises(FrozenInstanceError):
        settings.nectar.max_requests = 9  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        settings.site_names["a"] = "C"  # type: ignore[index]  # the point of the test


def test_folder_takes_company_and_types_from_above(loaded: Load) -> None:
    """A folder that names none has the company of [nectar] and the types of [detection]."""
    settings = loaded(
        '[nectar]\ncompany = "HMF"\n'
        + FOLDER
        + '[[folders]]\npath = "/other"\nsite = "{subfolder}"\ncompany = "LC"\ntypes = ["pdf"]\n'
        '[detection]\ntypes = ["jpg"]\n'
    )
    assert [(each.company, each.types) for each in settings.folders] == [
        ("HMF", ("jpg",)),
        ("LC", ("pdf",)),
    ]
    assert [each.site_by_subfolder for each in settings.folders] == [False, True]


@pytest.mark.parametrize("key", ["api_key_file", "ca_file", "proxy", "company"])
def test_empty_text_is_as_if_not_given(loaded: Load, key: str) -> None:
    """A key that may be left out may also be left empty."""
    assert getattr(loaded(f'[nectar]\n{key} = ""\n{FOLDER}').nectar, key) is None


@pytest.mark.parametrize(
    ("base_url", "api", "version"),
    [
        ("https://external.nectarclimate.com/v2.2", "https://external.nectarclimate.com", "/v2.2"),
        ("https://Example.com:8443/api/v3/", "https://example.com:8443", "/api/v3"),
        ("https://example.com:443", "https://example.com:443", ""),
        ("http://127.8.9.1:5000/v2.2", "http://127.8.9.1:5000", "/v2.2"),
        ("http://localhost/v2.2", "http://localhost", "/v2.2"),
        ("http://[::1]:80/v2.2", "http://[::1]:80", "/v2.2"),
    ],
)
def test_api_address_has_no_version(loaded: Load, base_url: str, api: str, version: str) -> None:
    """The API address is scheme, host and port, the port only where it is named."""
    nectar = loaded(f'[nectar]\nbase_url = "{base_url}"\n{FOLDER}').nectar
    assert (nectar.api, nectar.version) == (api, version)


@pytest.mark.parametrize("word", ['"ask"', '"all"', '"new"', '"2026-01-31"', "2026-01-31"])
def test_existing_takes_words_and_dates(loaded: Load, word: str) -> None:
    """A date may be written as TOML has it or in quotes."""
    existing = loaded(f"{FOLDER}[detection]\nexisting = {word}\n").detection.existing
    assert existing == (date(2026, 1, 31) if "2026" in word else word.strip('"'))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_mark_of_utf_8_and_windows_lines_are_accepted(config_file: Path, ending: str) -> None:
    """A file saved by Windows Notepad loads."""
    text = f'[nectar]\ncompany = "Müller"\n{FOLDER}'.replace("\n", ending)
    config_file.write_bytes(text.encode("utf-8-sig"))
    assert load(config_file, {}).nectar.company == "Müller"


def test_nested_folders_and_missing_folders_are_fine(loaded: Load) -> None:
    """Whether a folder is there is no question of the settings; the deepest of nested ones wins."""
    settings = loaded(FOLDER + '[[folders]]\npath = "/bills/inner"\nsite = "B"\n')
    assert len(settings.folders) == 2


def test_default_data_dir_is_used_where_none_is_named(config_file: Path) -> None:
    """Whoever loads for the service gets the data directory in force."""
    config_file.write_text(FOLDER)
    settings = load(config_file, {}, default_data_dir="/var/data")
    assert (settings.agent.data_dir, settings.origins["agent.data_dir"]) == ("/var/data", "default")


def test_equal_settings_from_another_text_are_equal(loaded: Load) -> None:
    """A comment or a moved line is no change for the running service."""
    assert loaded(FOLDER) == loaded(f"# a remark\n\n{FOLDER}[detection]\nquiet_seconds = 10\n")
    assert loaded(FOLDER) != loaded(f"{FOLDER}[detection]\nquiet_seconds = 11\n")


def test_only_the_data_directory_needs_a_restart(loaded: Load) -> None:
    """Everything else takes effect at once."""
    old = loaded(FOLDER)
    assert changes_needing_restart(old, loaded(f'{FOLDER}[agent]\nlog_level = "DEBUG"\n')) == ()
    assert changes_needing_restart(old, loaded(f'{FOLDER}[agent]\ndata_dir = "/d"\n')) == (
        "agent.data_dir",
    )


def test_importing_the_package_does_not_import_pydantic() -> None:
    """A command that reads no settings does not wait for pydantic."""
    code = "import sys, agent.config; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
