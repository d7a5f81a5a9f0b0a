"""Every mistake: found together with all others, at its line, with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.bills.errors import ConfigurationError
from agent.config import load

Mistakes = Callable[[str], tuple[str, ...]]

FOLDER = '[[folders]]\npath = "/bills"\nsite = "PLANT-07"\n'
"""The least a file needs, for tests about everything else."""


SECRET = "nk_live_9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def test_all_mistakes_are_reported_at_once_in_order(mistakes: Mistakes) -> None:
    """One look at the list is enough to put the whole file right."""
    found = mistakes(
        """quiet_seconds = 5
[nectar]
base_url = "http://example.com"
max_requests = "4"
enviroment = "sandbox"
environment = "prod"

[[folders]]
path = "C:\\bills\\new"
[[folders]]
path = "/a/b"
site = "X-{subfolder}"
types = ["PDF", "tif", 3]
[[folders]]
path = "/a/./b/"
site = "{subfolder}"
recursive = false
quiet_seconds = 3
[folder]
x = 1
[detection]
scan_seconds = 0
existing = "tomorrow"
ignore = ['a\\b', ""]
[agent]
data_dir = "/a/b/c"
notifications = "yes"
[site_names]
a = 5
b = " "
"""
    )
    assert [each.partition(": ")[0] for each in found] == [
        "config.toml:1 quiet_seconds",
        "config.toml:3 [nectar] base_url",
        "config.toml:4 [nectar] max_requests",
        "config.toml:5 [nectar] enviroment",
        "config.toml:6 [nectar] environment",
        "config.toml:8 [[folders]] site",
        "config.toml:9 [[folders]] path",
        "config.toml:12 [[folders]] site",
        "config.toml:13 [[folders]] types",
        "config.toml:13 [[folders]] types",
        "config.toml:15 [[folders]] path",
        "config.toml:17 [[folders]] recursive",
        "config.toml:18 [[folders]] quiet_seconds",
        "config.toml:19 [folder]",
        "config.toml:22 [detection] scan_seconds",
        "config.toml:23 [detection] existing",
        "config.toml:24 [detection] ignore",
        "config.toml:24 [detection] ignore",
        "config.toml:26 [agent] data_dir",
        "config.toml:27 [agent] notifications",
        "config.toml:29 [site_names] a",
        "config.toml:30 [site_names] b",
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("max_requests = 0", "must be 1 to 10"),
        ("max_requests = 11", "must be 1 to 10"),
        ("max_requests = 4.0", "must be a whole number, without quotes"),
        ("max_requests = true", "must be a whole number, without quotes"),
        ('environment = "Sandbox"', 'must be written "sandbox"'),
        ('environment = "test"', 'must be "production" or "sandbox"'),
        ("company = 7", "must be text in quotes"),
        ('compnay = "HMF"', "unknown key. Did you mean company?"),
        ('Max-Requests = "HMF"', "unknown key. Did you mean max_requests?"),
        ('log_level = "INFO"', "belongs in [agent]"),
        ('data_dirr = "x"', "unknown key. Did you mean data_dir in [agent]?"),
        (
            "zzz = 1",
            "unknown key. [nectar] knows base_url, environment, company, api_key_file, max_reque",
        ),
        ('api_key_file = "$NOWHERE/key"', "is no path: a variable or a home folder in it is"),
        ('ca_file = "${NOWHERE}/ca.pem"', "the environment variable NOWHERE is not set"),
        ('proxy = "proxy.example.com:8080"', "must be an address, such as"),
        ('base_url = "external.nectarclimate.com"', "must be an address, such as"),
        ('base_url = "https://u:p@example.com/v2.2"', "must not hold a name, a password or a key"),
        ('base_url = "https://example.com/v2.2?key=1"', "must end after the version"),
        ('base_url = "http://10.0.0.1/v2.2"', 'must begin with "https://"'),
        ('base_url = "http://127.0.0.1.example.com/v2.2"', 'must begin with "https://"'),
        ('base_url = "https://example.com:99999/"', "is no address"),
        ('base_url = "https://exa mple.com/"', "is no address"),
        ('base_url = ""', "must not be empty"),
    ],
)
def test_sentence_says_what_would_be_right(mistakes: Mistakes, line: str, sentence: str) -> None:
    """Each kind of mistake in a table is one sentence at its line."""
    (mistake,) = mistakes(f"[nectar]\n{line}\n{FOLDER}")
    key = line.partition(" ")[0]
    assert mistake.startswith(f"config.toml:2 [nectar] {key}: {sentence}")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('quiet_seconds = "10"', "must be a number, without quotes"),
        ("quiet_seconds = true", "must be a number, without quotes"),
        ("quiet_seconds = nan", "must be a plain number"),
        ("quiet_seconds = -1", "must be 0 to 3600"),
        ("scan_seconds = 0", "must be more than 0, at most 86400"),
        ("scan_seconds = inf", "must be a plain number"),
        ('types = "pdf"', "must be a list in square brackets"),
        ("types = []", "must name at least one"),
        ('types = [".pdf"]', 'must be written "pdf"'),
        ('types = ["tiff"]', 'must be "pdf", "png", "jpg" or "jpeg"'),
        ("ignore = ['Old\\*']", 'must be written with "/" between folders'),
        ('ignore = ["a\\tb"]', "must not hold a control character"),
        ("existing = 2026-01-31T10:00:00", 'must be "ask", "all", "new" or a date such as'),
        ("existing = 5", 'must be "ask", "all", "new" or a date such as'),
    ],
)
def test_detection_sentences(mistakes: Mistakes, line: str, sentence: str) -> None:
    """Numbers are numbers, lists are lists, and words are those there are."""
    (mistake,) = mistakes(f"{FOLDER}[detection]\n{line}\n")
    key = line.partition(" ")[0]
    assert mistake.startswith(f"config.toml:5 [detection] {key}: {sentence}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "config.toml [[folders]]: no folder is named. Write, for example, [[folders]]"),
        ("folders = []", "config.toml:1 [[folders]]: no folder is named."),
        ('[folders]\npath = "/x"', "config.toml:1 [[folders]]: must be written [[folders]]"),
        (f"nectar = 5\n{FOLDER}", "config.toml:1 nectar: must be a table. Write [nectar] on"),
        (f"[[agent]]\n{FOLDER}", "config.toml:1 [[agent]]: must be a table. Write [agent] on"),
        (
            f"{FOLDER}[site-names]\n",
            "config.toml:4 [site-names]: unknown table. Did you mean [site",
        ),
        (f"{FOLDER}[mail]\n", "config.toml:4 [mail]: unknown table. There are [nectar], [[fold"),
        ("folders = [1]", "config.toml:1 [[folders]]: must be written [[folders]] on a line"),
    ],
)
def test_tables_and_brackets(mistakes: Mistakes, text: str, sentence: str) -> None:
    """Who forgets the folders or their brackets is shown how they are written."""
    (mistake,) = mistakes(text)
    assert mistake.startswith(sentence)


def test_missing_key_has_the_line_of_its_folder(mistakes: Mistakes) -> None:
    """Of several folders the right one is named."""
    assert mistakes(f'{FOLDER}\n[[folders]]\npath = "/b"\n') == (
        'config.toml:5 [[folders]] site: is missing. Write, for example, site = "PLANT-07"',
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r'"C:\bills\new"', r"'C:\bills\new'"),
        (r'"C:\\bills\new"', r"'C:\bills\new'"),
        (r'"\\nas\bills"', r"'\\nas\bills'"),
        (r'"\\\\nas\\share\bills"', r"'\\nas\share\bills'"),
        ('"C:\\bob\'s"', '"C:\\\\bob\'s"'),
    ],
)
def test_control_character_shows_the_line_as_it_should_be(
    mistakes: Mistakes, written: str, meant: str
) -> None:
    """A Windows path in double quotes is shown in single ones."""
    (mistake,) = mistakes(f'[[folders]]\nsite = "A"\npath = {written}  # here\n')
    assert mistake == (
        "config.toml:3 [[folders]] path: in double quotes a backslash means something else. "
        f"Write: path = {meant}"
    )


def test_control_character_that_no_backslash_made(mistakes: Mistakes) -> None:
    """A tab typed into a path is named as what it is."""
    (mistake,) = mistakes("[[folders]]\nsite = 'A'\npath = '/bills\there'\n")
    assert mistake.endswith("must not hold a tab, a line break or another control character")


@pytest.mark.parametrize(
    "other", ["/bills/", "/bills/../bills", "//bills"[1:], "$THERE", "${THERE}/.", "%there%"]
)
def test_same_folder_twice_is_a_mistake(config_file: Path, other: str) -> None:
    """However it is written, a folder is watched once."""
    config_file.write_text(f"{FOLDER}[[folders]]\npath = '{other}'\nsite = 'B'\n")
    with pytest.raises(ConfigurationError) as caught:
        load(config_file, {"THERE": "/bills"})
    assert caught.value.mistakes == (
        "config.toml:5 [[folders]] path: is the same folder as in line 2. Keep one of them",
    )


@pytest.mark.parametrize(
    ("data_dir", "recursive", "is_mistake"),
    [
        ("/bills", False, True),
        ("/bills/.agent", True, True),
        ("/bills/.agent", False, False),
        ("/bills-data", True, False),
        ("/", True, False),
    ],
)
def test_data_dir_in_a_watched_folder(
    config_file: Path, data_dir: str, recursive: bool, is_mistake: bool
) -> None:
    """A store in a watched folder would set off a reading with every reading."""
    default = str(config_file.parent / data_dir)
    config_file.write_text(f"{FOLDER}recursive = {str(recursive).lower()}\n")
    if not is_mistake:
        assert load(config_file, {}, default_data_dir=default).folders
        return
    with pytest.raises(ConfigurationError, match="lies in the watched folder of line 2"):
        load(config_file, {}, default_data_dir=default)


@pytest.mark.parametrize(
    "text",
    [
        f'[nectar]\napi_key = "{SECRET}"\n{FOLDER}',
        f'[nectar]\nAPI-Key = "{SECRET}"\n{FOLDER}',
        f'[nectar]\napikey = ["{SECRET}"]\n{FOLDER}',
        f'[nectar]\nkey = "{SECRET}"\n{FOLDER}',
        f'[nectar]\napi_keyy = "{SECRET}"\n{FOLDER}',
        f'api_key = "{SECRET}"\n{FOLDER}',
        f'{FOLDER}api_key = "{SECRET}"\n',
        f'{FOLDER}[site_names]\napi_key = "{SECRET}"\n',
        f'{FOLDER}[agent]\nNECTAR_API_KEY = "{SECRET}"\n',
        f'agent.token = "{SECRET}"\n{FOLDER}',
    ],
)
def test_api_key_in_the_file_is_refused_without_showing_it(mistakes: Mistakes, text: str) -> None:
    """Wherever and however it is spelt, the key is refused and its place is named."""
    (mistake,) = mistakes(text)
    assert "the API key does not belong in this file" in mistake
    assert "bill-agent key set" in mistake
    assert "NECTAR_API_KEY" in mistake
    assert "api_key_file" in mistake
    assert SECRET not in mistake


def test_site_may_be_called_key(mistakes: Mistakes) -> None:
    """In [site_names] "Key" is somebody's folder, and only "api_key" is not."""
    (mistake,) = mistakes('[site_names]\nKey = "KEY-WEST"\n')
    assert "no folder is named" in mistake


@pytest.mark.parametrize(
    "line",
    [
        'environment = "{}"',
        'base_url = "{}"',
        'base_url = "https://{}@example.com"',
        'base_url = "https://example.com/?{}"',
        'max_requests = "{}"',
        'proxy = "{}"',
        'api_key_file = "{}"',
        'api_key_file = "~{}"',
        'api_key_file = "${}"',
        'api_key_file = "{}\\n"',
        'api_key_file = "{}\\q"',
        'company = "{}',
        "company = {}",
        '{} = "x"',
        "{}",
        "[{}]\nx = 1",
    ],
)
def test_no_mistake_shows_a_key_pasted_in_the_wrong_place(mistakes: Mistakes, line: str) -> None:
    """Whatever is wrong with a line, its value is not repeated."""
    found = mistakes(f"[nectar]\n{line.replace('{}', SECRET)}\n{FOLDER}")
    assert SECRET not in "\n".join(found)


def test_nothing_to_read(config_file: Path) -> None:
    """A missing file is named with its whole path, and how to write one."""
    with pytest.raises(ConfigurationError) as caught:
        load(config_file, {})
    assert caught.value.code == "settings-wrong"
    (mistake,) = caught.value.mistakes
    assert mistake.startswith(f'{config_file}: there is no such file. Write one with "bill-agent i')


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """Who names a folder is told so."""
    with pytest.raises(ConfigurationError, match="is a folder"):
        load(tmp_path, {})


def test_name_that_no_file_can_have() -> None:
    """A path the system refuses is a mistake like others, not a crash."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(Path("a\0b"), {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[nectar]\ncompany = 'M\xfcller'\n", "config.toml:2: is not UTF-8 text"),
        ("[nectar]\n".encode("utf-16"), 'config.toml: is saved as UTF-16, also called "Unicode"'),
        (b"#" * 1_000_001, "is too large"),
        (b"a = " + b"[" * 100_000, "config.toml: brackets are nested too deeply"),
        (b"a = " + b"1" * 5_000, "config.toml: a number in it is too long"),
        (b"a = 1\0", "config.toml:1: "),
    ],
)
def test_content_that_is_no_settings_file(config_file: Path, content: bytes, sentence: str) -> None:
    """Bytes that cannot be read as TOML are one clear mistake."""
    config_file.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load(config_file, {})
    (mistake,) = caught.value.mistakes
    assert sentence in mistake
