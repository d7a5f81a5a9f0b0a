"""`sites`, `config`, `schema` and the help: what is set, and what the key sees."""

from __future__ import annotations

import jsonschema
import pytest
from set_up_driver import Home
from typer.testing import CliRunner

from agent.cli.app import app


def test_sites_show_which_folder_is_mapped(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each site says whether it is archived and which folder's bills go there."""
    monkeypatch.setenv("NECTAR_API_KEY", "some-key")
    by_subfolder = home.watched("all", "{subfolder}") + 'company = "Lakeside Clinics"\n'
    (home.folder / "all" / "North").mkdir()
    names = '[site_names]\nNorth = "LC-01"\n'
    home.configure(home.watched("p7", "PLANT-07") + by_subfolder + names, 'company = "HMF"')
    said = home.run("sites", "--json")
    assert said.code == 0
    assert said.json["format"] == "nectar-bill-agent-sites/1"
    sites = {
        site["externalId"]: site for company in said.json["companies"] for site in company["sites"]
    }
    assert sites["PLANT-07"]["folders"] == [str(home.folder / "p7")]
    assert sites["LC-01"]["folders"] == [str(home.folder / "all" / "North")]
    assert (sites["PLANT-02"]["archived"], sites["PLANT-07"]["archived"]) == (True, False)
    assert "Harbor Mill Plant 7" in home.run("sites", "--company", "HMF").out


def test_sites_of_an_unknown_company_fail(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The companies that there are, are named instead."""
    monkeypatch.setenv("NECTAR_API_KEY", "some-key")
    home.configure(home.watched("p7", "PLANT-07"))
    said = home.run("sites", "--company", "HMX")
    assert said.code == 1
    assert "HMF" in said.err


def test_sites_without_a_key_fail(home: Home) -> None:
    """The next step is named."""
    home.configure(home.watched("p7", "PLANT-07"))
    said = home.run("sites")
    assert said.code == 1
    assert "bill-agent key set" in said.err


def test_config_show_names_origins_and_hides_passwords(home: Home) -> None:
    """Every setting says its line or that it is the default."""
    home.configure(home.watched("p7", "PLANT-07"), 'proxy = "http://me:geheim@proxy:8080"')
    said = home.run("config", "show", "--json")
    origins = {each["key"]: each["origin"] for each in said.json["settings"]}
    assert origins["nectar.base_url"] == "config.toml:2"
    assert origins["detection.quiet_seconds"] == "default"
    assert "geheim" not in said.out + home.run("config", "show").out


def test_config_show_of_a_wrong_file(home: Home) -> None:
    """All mistakes are told, and the exit code is 78."""
    home.config.write_text("[nectar]\nenvironment = 'x'\nmax_requests = 99\n", "utf-8")
    said = home.run("config", "show", "--json")
    assert (said.code, said.out) == (78, "")
    assert "config.toml:2" in said.err
    assert "config.toml:3" in said.err


def test_config_path(home: Home) -> None:
    """The path is told whether or not there is a file."""
    said = home.run("config", "path", "--json")
    assert said.json == {
        "format": "nectar-bill-agent-config-path/1",
        "path": str(home.config),
        "exists": False,
    }
    assert home.run("config", "path").out.strip() == str(home.config)


@pytest.mark.parametrize("which", ["config", "result"])
def test_schemas_are_valid(home: Home, which: str) -> None:
    """What is printed is one JSON Schema and nothing else."""
    said = home.run("schema", which)
    assert said.code == 0
    jsonschema.Draft202012Validator.check_schema(said.json)


def test_help_fits_one_screen() -> None:
    """All commands stand on 30 lines of 80 columns, in their groups' order."""
    result = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    lines = result.output.rstrip("\n").split("\n")
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 85  # the describing sentence may be as long as it is
    headings = [line[:8].strip() for line in lines[4:-2] if line[:1].isalpha()]
    assert headings == ["Try", "Set up", "Run", "Look", "Act"]
