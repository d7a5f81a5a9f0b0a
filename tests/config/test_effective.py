"""What `config show` prints."""

from __future__ import annotations

import json
from collections.abc import Callable

from agent.config import Settings, effective_settings

Load = Callable[[str], Settings]

TEXT = """\
[nectar]
company = "HMF"
proxy = "http://mara:secret@proxy:3128"
[[folders]]
path = "/bills"
site = "PLANT-07"
types = ["pdf"]
[[folders]]
path = "/more"
site = "B"
[site_names]
Harbor = "PLANT-07"
[detection]
existing = 2026-01-31
[agent]
data_dir = ""
"""


def test_every_setting_has_its_value_and_origin(loaded: Load) -> None:
    """Whoever wonders why a value holds finds the line, or that it is the default."""
    found = {each.key: (each.value, each.origin) for each in effective_settings(loaded(TEXT))}
    assert found["nectar.company"] == ("HMF", "config.toml:2")
    assert found["nectar.max_requests"] == (4, "default")
    assert found["folders[0].company"] == ("HMF", "config.toml:2")
    assert found["folders[0].types"] == (["pdf"], "config.toml:7")
    assert found["folders[1].types"] == (["pdf", "png", "jpg"], "default")
    assert found["folders[1].recursive"] == (True, "default")
    assert found["site_names.Harbor"] == ("PLANT-07", "config.toml:12")
    assert found["detection.existing"] == ("2026-01-31", "config.toml:14")
    assert found["agent.data_dir"] == (None, "default")
    assert json.dumps(list(found))


def test_every_key_has_an_origin(loaded: Load) -> None:
    """No setting in force is without a word about where it comes from."""
    settings = loaded(TEXT)
    assert {each.key for each in effective_settings(settings)} == set(settings.origins)


def test_password_of_the_proxy_is_not_shown(loaded: Load) -> None:
    """Neither in the list nor in the settings' own text."""
    settings = loaded(TEXT)
    (proxy,) = (each for each in effective_settings(settings) if each.key == "nectar.proxy")
    assert proxy.value == "http://***@proxy:3128"
    assert "secret" not in repr(settings)
    assert settings.nectar.proxy == "http://mara:secret@proxy:3128"
