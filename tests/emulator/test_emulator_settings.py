"""Settings as JSON: every one can be written and read back; mistakes are named."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.emulator.behaviour import Behaviour, Fault, Outcome, UploadRule
from agent.emulator.requests import Cut
from agent.emulator.settings import SettingsError, read_settings, written_settings

behaviours = st.builds(
    Behaviour,
    latency_seconds=st.floats(0, 10),
    page_size=st.integers(1, 100),
    keys=st.none() | st.tuples(st.text()),
    scopes=st.dictionaries(st.text(), st.tuples(st.text(), st.text())),
    uploads=st.tuples(st.builds(UploadRule, outcome=st.sampled_from(Outcome))),
    faults=st.tuples(st.builds(Fault, cut=st.none() | st.sampled_from(Cut))),
)


@given(behaviours)
@settings(deadline=None)
def test_settings_survive_being_written(behaviour: Behaviour) -> None:
    """What is read back equals what was written, enums and all."""
    assert read_settings(Behaviour, written_settings(behaviour)) == behaviour


def test_every_setting_is_written() -> None:
    """No name is missing from the JSON."""
    for kind in (Behaviour, UploadRule, Fault):
        names = {field.name for field in dataclasses.fields(kind)}
        assert set(written_settings(kind())) == names


def test_what_is_left_out_has_its_default() -> None:
    """An empty object is the service in good health."""
    assert read_settings(Behaviour, {}) == Behaviour()


@pytest.mark.parametrize(
    ("given_settings", "words"),
    [
        ({"pageSize": 1}, "pageSize is no setting"),
        ({"page_size": True}, "page_size has to be of the kind int"),
        ({"scopes": []}, "scopes has to be of the kind dict"),
        ({"scopes": {"key": "all"}}, "scopes.key has to be of the kind list"),
        ({"uploads": {}}, "uploads has to be of the kind list"),
        ({"uploads": [1]}, r"uploads\[0\] has to be of the kind dict"),
        ({"uploads": [{"outcome": "fine"}]}, r"uploads\[0\].outcome has to be one of read, "),
        ({"latency_seconds": "1"}, "latency_seconds has to be of the kind float"),
    ],
)
def test_mistakes_are_named(given_settings: dict[str, object], words: str) -> None:
    """The sentence says which setting and what it has to be."""
    with pytest.raises(SettingsError, match=words):
        read_settings(Behaviour, given_settings)
