"""The key store of the system, through keyring itself, in each of its moods."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from agent.system.key_store import KeyStore, KeyStoreError, Reason
from agent.system.secret import Secret

API = "https://external.nectarclimate.com"
Use = Callable[[str], None]


@pytest.fixture
def backends(use_keyring: Use) -> Iterator[ModuleType]:
    """The test key stores, empty, and with nobody waiting in them afterwards."""
    use_keyring("InMemory")
    module = importlib.import_module("keyring_backends")
    module.released.clear()
    yield module
    module.released.set()


def test_key_is_kept_for_each_api_and_environment(backends: ModuleType) -> None:
    """A sandbox key is never taken for a production one, nor that of another address."""
    store = KeyStore()
    store.write(API, "production", Secret("nk-production"))
    store.write(API, "sandbox", Secret("nk-sandbox"))
    assert store.read(API, "production") == Secret("nk-production")
    assert store.read(API, "sandbox") == Secret("nk-sandbox")
    assert store.read("https://example.com", "production") is None
    assert set(backends.InMemory.entries) == {
        ("nectar-bill-agent", f"{API} production"),
        ("nectar-bill-agent", f"{API} sandbox"),
    }


@pytest.mark.usefixtures("backends")
def test_delete_tells_whether_there_was_a_key() -> None:
    """Removing twice is no error."""
    store = KeyStore()
    store.write(API, "sandbox", Secret("a"))
    assert store.delete(API, "sandbox") is True
    assert store.delete(API, "sandbox") is False
    assert store.read(API, "sandbox") is None


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("keyring.backends.fail.Keyring", Reason.NONE_HERE),
        ("keyring.backends.null.Keyring", Reason.NONE_HERE),
        ("Locked", Reason.LOCKED),
        ("Dismissed", Reason.DISMISSED),
        ("Broken", Reason.FAILED),
        ("Foreign", Reason.FAILED),
        ("no_such_module.Keyring", Reason.FAILED),
    ],
)
def test_each_failure_has_its_name(use_keyring: Use, backend: str, reason: Reason) -> None:
    """Whatever hinders reading, storing and removing is said in our words, with another way."""
    use_keyring(backend)
    store = KeyStore()
    for call in (
        lambda: store.read(API, "sandbox"),
        lambda: store.write(API, "sandbox", Secret("nk-hidden")),
        lambda: store.delete(API, "sandbox"),
    ):
        with pytest.raises(KeyStoreError) as caught:
            call()
        assert (caught.value.reason, caught.value.code) == (reason, "key-missing")
        assert "NECTAR_API_KEY" in caught.value.advice
        assert "api_key_file" in caught.value.advice
        assert "nk" not in str(caught.value)


def test_key_store_that_blocks_is_given_up_and_not_asked_again(
    backends: ModuleType, use_keyring: Use
) -> None:
    """A window that nobody answers costs one thread, however often the key is asked for."""
    use_keyring("Blocking")
    store = KeyStore(limit_seconds=0.05)
    for _ in range(3):
        with pytest.raises(KeyStoreError) as caught:
            store.read(API, "sandbox")
        assert caught.value.reason is Reason.TIMED_OUT
    stuck = [thread for thread in threading.enumerate() if thread.name == "key-store"]
    assert len(stuck) == 1
    assert stuck[0].daemon
    backends.released.set()
    stuck[0].join(10)
    use_keyring("InMemory")
    assert KeyStore().read(API, "sandbox") is None
    assert store.read(API, "sandbox") is None


def test_blocked_key_store_does_not_keep_the_process() -> None:
    """Who gave up on the key store can end."""
    code = (
        "import os; os.environ['PYTHON_KEYRING_BACKEND'] = 'keyring_backends.Blocking'\n"
        "from agent.system.key_store import KeyStore, KeyStoreError\n"
        "try: KeyStore(limit_seconds=0.05).read('a', 'b')\n"
        "except KeyStoreError: print('given up')\n"
    )
    root = Path(__file__).parents[2]
    finished = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path[:0] = {[str(Path(__file__).parent)]}\n{code}",
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (finished.stdout.strip(), finished.returncode) == ("given up", 0)


def test_plain_file_is_not_taken_silently(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, use_keyring: Use
) -> None:
    """keyrings.alt is used where somebody chose it, and never because nothing else is there."""
    code = (
        "from agent.system.key_store import KeyStore, KeyStoreError\n"
        "from agent.system.secret import Secret\n"
        "try: KeyStore().write('a', 'b', Secret('k')); print('stored')\n"
        "except KeyStoreError as error: print(error.reason)\n"
    )
    package = tmp_path / "keyrings" / "alt"
    package.mkdir(parents=True)
    (package / "file.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class PlaintextKeyring(KeyringBackend):\n"
        "    priority = 20\n"
        "    def get_password(self, service, username): return None\n"
        "    def set_password(self, service, username, password): pass\n"
        "    def delete_password(self, service, username): pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)

    def outcome(first: str = "") -> str:
        return subprocess.run(
            [sys.executable, "-c", first + code],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout.strip()

    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    assert outcome("import keyrings.alt.file\n") == "none-here"
    use_keyring("keyrings.alt.file.PlaintextKeyring")
    assert outcome() == "stored"


def test_importing_the_module_does_not_import_keyring() -> None:
    """A command that needs no key does not wait for keyring's plug-ins."""
    code = "import sys, agent.system.api_key; sys.exit('keyring' in sys.modules)"
    root = Path(__file__).parents[2]
    finished = subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=60)
    assert finished.returncode == 0
