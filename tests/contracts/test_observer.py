"""The real observer on a real disk: events become hints, and blindness is noticed and healed.

These tests wait for the system's events, for seconds at most.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.watch.candidates import CandidateRules
from agent.watch.folders import WatchedFolder, nested_in
from agent.watch.observer import FolderObserver

RULES = CandidateRules(["pdf", "png", "jpg"])
LONGEST = 30.0
QUIET = 0.7
"""No hint for so long is no hint; watchdog holds an unpaired rename back for half a second."""


class Watched:
    """One observer with the hints it gave."""

    def __init__(self, *, on_network: tuple[Path, ...] = ()) -> None:
        self.hints: list[str] = []
        remote = {str(path): "nfs4" for path in on_network}
        self.observer = FolderObserver(self.hints.append, without_events=remote.get)

    def watch(self, *folders: Path, recursive: bool = True) -> None:
        """Watch these folders, and wait until what was done before is past."""
        paths = [str(folder) for folder in folders]
        self.observer.watch(
            WatchedFolder(path, RULES, recursive, nested_in(path, paths)) for path in paths
        )
        self.settle()

    def settle(self) -> None:
        """Wait until no hint comes any more, and forget them."""
        while self.hints:
            self.hints.clear()
            time.sleep(QUIET)
        self.hints.clear()

    def hinted(self, folder: Path) -> bool:
        """Wait for a hint at this folder."""
        return eventually(lambda: str(folder) in self.hints)

    def is_quiet(self) -> bool:
        """Whether no hint comes for a while."""
        time.sleep(QUIET)
        return not self.hints

    def heal(self) -> frozenset[str]:
        """Arm again what is blind, and return it."""
        blind = self.observer.blind()
        self.observer.rearm(blind)
        return blind


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether something becomes so in bounded time."""
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        if is_so():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def watched() -> Iterator[Watched]:
    """An observer that is closed in the end."""
    watched = Watched()
    yield watched
    watched.observer.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to watch."""
    folder = tmp_path / "Bills"
    folder.mkdir()
    return folder


def test_a_new_file_is_hinted_at(watched: Watched, root: Path) -> None:
    """A bill dropped into the folder is noticed at once, in subfolders too."""
    (root / "2026").mkdir()
    watched.watch(root)
    (root / "2026" / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_a_slow_writer_is_hinted_at_again_when_it_ends(watched: Watched, root: Path) -> None:
    """A scanner that writes page by page is noticed when it closes the file."""
    watched.watch(root)
    with (root / "Bill.pdf").open("wb") as file:
        file.write(b"%PDF-")
        file.flush()
        watched.hinted(root)
        watched.settle()
        file.write(b"more")
    assert watched.hinted(root)


def test_a_file_renamed_in_is_hinted_at(watched: Watched, root: Path, tmp_path: Path) -> None:
    """A file that is moved in from elsewhere, or gets its name at last, is noticed."""
    watched.watch(root)
    (tmp_path / "elsewhere.pdf").write_bytes(b"%PDF-")
    (tmp_path / "elsewhere.pdf").rename(root / "Bill.pdf")
    assert watched.hinted(root)
    watched.settle()
    (root / "x.crdownload").write_bytes(b"%PDF-")
    (root / "x.crdownload").rename(root / "x.pdf")
    assert watched.hinted(root)


def test_a_folder_moved_in_is_hinted_at(watched: Watched, root: Path, tmp_path: Path) -> None:
    """A whole folder of bills that is moved in is noticed, and watched from then on."""
    (tmp_path / "2026").mkdir()
    watched.watch(root)
    (tmp_path / "2026").rename(root / "2026")
    assert watched.hinted(root)
    watched.settle()
    (root / "2026" / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_deletion_is_hinted_at(watched: Watched, root: Path) -> None:
    """A deleted bill or result is noticed."""
    (root / "Bill.pdf.json").write_bytes(b"{}")
    watched.watch(root)
    (root / "Bill.pdf.json").unlink()
    assert watched.hinted(root)


def test_our_own_reading_and_writing_is_not_hinted_at(watched: Watched, root: Path) -> None:
    """Reading a bill and writing its result cause no reading of the folder: no loop."""
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    watched.watch(root)
    (root / "Bill.pdf").read_bytes()
    list(root.iterdir())
    if sys.platform == "linux":  # elsewhere one hint comes, and dies out
        part = root / ".nectar-0123456789ab.part"
        part.write_bytes(b"{}")
        part.replace(root / "Bill.pdf.json")
    assert watched.is_quiet()


def test_nested_folders_get_their_own_hints(watched: Watched, root: Path) -> None:
    """What happens in a nested watched folder is told of that folder alone."""
    inner = root / "Plant 7"
    inner.mkdir()
    watched.watch(root, inner)
    (inner / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(inner)
    time.sleep(QUIET)
    assert set(watched.hints) == {str(inner)}


def test_a_flat_folder_is_not_watched_below(watched: Watched, root: Path) -> None:
    """Without ``recursive`` nothing is heard of the subfolders' files."""
    (root / "sub").mkdir()
    watched.watch(root, recursive=False)
    (root / "sub" / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.is_quiet()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_a_link_as_root_is_followed(watched: Watched, root: Path, tmp_path: Path) -> None:
    """A watched folder may itself be a link; hints name it as the settings do."""
    link = tmp_path / "link"
    try:
        link.symlink_to(root)
    except OSError:
        pytest.skip("this user may not make links")
    watched.watch(link)
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(link)


def test_a_folder_that_comes_later_is_watched(watched: Watched, root: Path) -> None:
    """A folder that was missing at the start is found blind once it is there, and healed."""
    root.rmdir()
    watched.watch(root)
    assert watched.observer.blind() == frozenset()
    root.mkdir()
    assert watched.heal() == {str(root)}
    assert str(root) in watched.hints  # what moved before was not seen
    watched.settle()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_a_removed_and_recreated_root_is_healed(watched: Watched, root: Path) -> None:
    """A watch sticks to the old folder: a new one of the same name is found blind."""
    watched.watch(root)
    shutil.rmtree(root)
    time.sleep(QUIET)
    watched.heal()
    assert watched.observer.blind() == frozenset()  # nothing to arm
    root.mkdir()
    assert eventually(lambda: bool(watched.heal()))
    watched.settle()
    assert watched.observer.blind() == frozenset()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_a_root_that_is_moved_away_is_hinted_at(
    watched: Watched, root: Path, tmp_path: Path
) -> None:
    """No event tells that a folder itself was moved: it is found missing, once, and read."""
    watched.watch(root)
    root.rename(tmp_path / "away")
    assert watched.heal() == {str(root)}
    assert str(root) in watched.hints
    assert watched.observer.blind() == frozenset()
    (tmp_path / "away").rename(root)
    assert watched.heal() == {str(root)}


def test_a_root_moved_away_and_back_is_watched(
    watched: Watched, root: Path, tmp_path: Path
) -> None:
    """After a folder came back, whatever was in its place meanwhile, it is heard of again."""
    watched.watch(root)
    root.rename(tmp_path / "away")
    root.mkdir()
    assert eventually(lambda: bool(watched.heal()))
    root.rmdir()
    (tmp_path / "away").rename(root)
    assert eventually(lambda: bool(watched.heal()))
    watched.settle()
    assert watched.observer.blind() == frozenset()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_a_root_replaced_in_one_step_is_healed(
    watched: Watched, root: Path, tmp_path: Path
) -> None:
    """A link that leads elsewhere from one moment to the next: the new place is watched."""
    (tmp_path / "other").mkdir()
    link, new = tmp_path / "link", tmp_path / "new"
    try:
        link.symlink_to(root)
    except OSError:
        pytest.skip("this user may not make links")
    watched.watch(link)
    new.symlink_to(tmp_path / "other")
    new.replace(link)
    assert watched.heal() == {str(link)}
    assert str(link) in watched.hints  # what lies there was not seen
    watched.settle()
    (tmp_path / "other" / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(link)


REMOUNTED = """
import subprocess, sys, time
from pathlib import Path
from agent.watch.candidates import CandidateRules
from agent.watch.folders import WatchedFolder
from agent.watch.observer import FolderObserver

root, hints = Path(sys.argv[1]), []
if subprocess.run(["mount", "-t", "tmpfs", "none", root]).returncode:
    sys.exit(99)
observer = FolderObserver(hints.append, without_events=lambda path: None)
observer.watch([WatchedFolder(str(root), CandidateRules(["pdf"]))])

def hinted(name):
    hints.clear()
    (root / name).touch()
    ends = time.monotonic() + 20
    while not hints and time.monotonic() < ends:
        time.sleep(0.02)
    return bool(hints)

assert hinted("first.pdf")
subprocess.run(["umount", root], check=True)
assert observer.blind() == {str(root)}, "unmounted"
observer.rearm([str(root)])
subprocess.run(["mount", "-t", "tmpfs", "none", root], check=True)
assert observer.blind() == {str(root)}, "mounted again"
hints.clear()
observer.rearm([str(root)])
assert hints == [str(root)], "not read at once"
assert observer.blind() == frozenset()
assert hinted("second.pdf")
observer.close()
print("healed")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_a_remounted_root_is_healed(root: Path) -> None:
    """A drive that is taken out and put in again is read at once, and watched."""
    finished = in_namespace(f'exec "$0" -c "$1" "{root}"', REMOUNTED)
    if finished.returncode == 99:
        pytest.skip("this system lets no user mount anything")
    assert finished.stdout == "healed\n", finished.stderr


def test_a_root_that_hangs_holds_up_no_other(root: Path, tmp_path: Path) -> None:
    """A look at a share that lets it wait: the others are watched, and it is once it answers."""
    other = tmp_path / "other"
    other.mkdir()
    answers = threading.Event()
    hints: list[str] = []

    def without_events(path: str) -> None:
        if path == str(root):
            answers.wait(LONGEST)

    observer = FolderObserver(hints.append, without_events=without_events, patience_seconds=0.2)
    observer.watch([WatchedFolder(str(root), RULES), WatchedFolder(str(other), RULES)])
    assert observer.on_timer()[str(root)].code == "hangs"
    (other / "Bill.pdf").write_bytes(b"%PDF-")
    assert eventually(lambda: set(hints) == {str(other)})
    assert observer.blind() == frozenset()  # and it says so soon, while one root still hangs
    answers.set()
    assert eventually(lambda: observer.blind() == {str(root)})
    observer.rearm([str(root)])
    assert observer.on_timer() == {}
    hints.clear()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert eventually(lambda: str(root) in hints)
    observer.close()


def test_a_folder_taken_out_while_it_is_looked_at_is_not_watched(root: Path) -> None:
    """The settings change while the look at a root is under way: the latest word counts."""
    hints: list[str] = []

    def without_events(_: str) -> None:
        observer.watch([])

    observer = FolderObserver(hints.append, without_events=without_events)
    observer.watch([WatchedFolder(str(root), RULES)])
    assert observer.blind() == frozenset()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    time.sleep(QUIET)
    assert hints == []
    observer.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere watchdog tells of it later")
def test_a_root_that_goes_while_it_is_watched_holds_up_no_other(root: Path, tmp_path: Path) -> None:
    """Gone between the look at it and its watch: it is watched once it is back."""
    other = tmp_path / "other"
    other.mkdir()
    hints: list[str] = []

    def without_events(path: str) -> None:
        look = observer._looks._looks[str(root)]
        if path == str(other) and look.is_alive():
            look.join(LONGEST)
        if path == str(other) and root.exists():
            root.rmdir()

    observer = FolderObserver(hints.append, without_events=without_events, patience_seconds=LONGEST)
    observer.watch([WatchedFolder(str(root), RULES), WatchedFolder(str(other), RULES)])
    assert observer.on_timer() == {}
    (other / "Bill.pdf").write_bytes(b"%PDF-")
    assert eventually(lambda: set(hints) == {str(other)})
    observer.close()


def test_a_thread_that_hangs_while_it_watches_does_not_keep_the_end(root: Path) -> None:
    """A share that never answers holds the observer's lock: closing goes on without it."""
    watched = Watched()
    watched.watch(root)
    hangs, is_over = threading.Event(), threading.Event()

    def hang() -> None:
        with watched.observer._lock:
            hangs.set()
            is_over.wait(LONGEST)

    thread = threading.Thread(target=hang)
    thread.start()
    assert hangs.wait(LONGEST)
    watched.observer.close()
    assert not is_over.is_set()
    is_over.set()
    thread.join()
    watched.observer.close()  # for the test's sake: nothing stays behind


def test_what_becomes_a_share_is_read_on_a_timer(root: Path) -> None:
    """A share mounted over a watched folder ends its watch; once it is gone, events come again."""
    kinds: dict[str, str] = {}
    hints: list[str] = []
    observer = FolderObserver(hints.append, without_events=kinds.get)
    observer.watch([WatchedFolder(str(root), RULES)])
    kinds[str(root)] = "fuse.sshfs"
    for reason in ("fuse.sshfs", ""):
        assert observer.blind() == {str(root)}
        observer.rearm([str(root)])
        assert observer.blind() == frozenset()
        assert [reason in each.message for each in observer.on_timer().values()] == [True] * bool(
            reason
        )
        kinds.clear()
    hints.clear()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert eventually(lambda: bool(hints))
    observer.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exception_in_a_hint_is_healed(root: Path) -> None:
    """Even if a hint raises, which ends watchdog's thread in silence, the folder is not lost."""
    hints: list[str] = []

    def on_hint(folder: str) -> None:
        hints.append(folder)
        if len(hints) == 1:
            raise ValueError

    observer = FolderObserver(on_hint, without_events=lambda _: None)
    observer.watch([WatchedFolder(str(root), RULES)])
    (root / "first.pdf").write_bytes(b"%PDF-")
    assert eventually(lambda: observer.blind() == {str(root)})
    observer.rearm([str(root)])
    assert observer.blind() == frozenset()
    hints.clear()
    (root / "second.pdf").write_bytes(b"%PDF-")
    assert eventually(lambda: bool(hints))
    observer.close()


def test_a_dead_emitter_is_healed(watched: Watched, root: Path, tmp_path: Path) -> None:
    """Each folder's own thread is looked after, too; the other folders are left alone."""
    other = tmp_path / "other"
    other.mkdir()
    watched.watch(root, other)
    assert watched.observer._observer is not None
    for emitter in watched.observer._observer.emitters:
        if emitter.watch.path == str(root.resolve()):
            emitter.stop()
            emitter.join(LONGEST)
    assert watched.heal() == {str(root)}
    watched.settle()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_a_dead_reader_is_healed(watched: Watched, root: Path) -> None:
    """One thread reads for all folders; where it has ended, all are blind."""
    watched.watch(root)
    reader = watched.observer._observer._inotify_fd  # type: ignore[union-attr]
    reader.stop()
    reader.join(LONGEST)
    assert watched.heal() == {str(root)}
    watched.settle()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_an_overflow_hints_at_everything(watched: Watched, root: Path, tmp_path: Path) -> None:
    """When the kernel lost events, every folder is read."""
    from watchdog.observers.inotify_c import (  # noqa: PLC0415 - Linux alone
        InotifyConstants,
        InotifyEvent,
        Mask,
        WatchDescriptor,
    )

    other = tmp_path / "other"
    other.mkdir()
    watched.watch(root, other)
    lost = InotifyEvent(WatchDescriptor(-1), Mask(InotifyConstants.IN_Q_OVERFLOW), 0, b"")
    watched.observer._observer._inotify_fd.handle_event(lost)  # type: ignore[union-attr]
    assert set(watched.hints) == {str(root), str(other)}
    watched.settle()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own queue")
def test_a_real_overflow_hints_at_everything(
    watched: Watched, root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """More events than the kernel keeps lead to a look at folders in which nothing moved, too."""
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text(encoding="ascii"))
    if limit > 50_000:
        pytest.skip("the queue is too long to be filled in a test")
    idle = tmp_path / "idle"
    idle.mkdir()
    watched.watch(root, idle)
    libc = ctypes.PyDLL(None)  # keeps the interpreter's lock, so that nobody reads meanwhile
    interval = sys.getswitchinterval()
    sys.setswitchinterval(LONGEST)
    place = os.open(root, os.O_RDONLY)
    try:
        for _ in range(limit):
            libc.mknodat(place, b"Bill.pdf", 0o100644, 0)
            libc.unlinkat(place, b"Bill.pdf", 0)
    finally:
        os.close(place)
        sys.setswitchinterval(interval)
    assert watched.hinted(idle)
    assert eventually(lambda: "overflow" in caplog.text)  # the log may hear it after us


def in_namespace(command: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell's command, whose ``$0`` is Python and ``$1`` a script, as root of its own."""
    return subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command),
            *(sys.executable, script),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


LIMITED = """
import sys
from agent.watch.candidates import CandidateRules
from agent.watch.folders import WatchedFolder
from agent.watch.observer import FolderObserver
observer = FolderObserver(print, without_events=lambda path: None)
observer.watch([WatchedFolder(sys.argv[1], CandidateRules(["pdf"]))])
print([reason.message for reason in observer.on_timer().values()], observer.blind())
observer.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
@pytest.mark.parametrize(
    ("limit", "number", "expected"),
    [
        ("watches", 100, "[] frozenset()"),
        ("watches", 10, "folders and subfolders, all taken together"),
        ("watches", 0, "folders and subfolders, all taken together"),
        ("instances", 0, "programs that watch folders, all taken together"),
    ],
)
def test_an_exhausted_limit_is_told(root: Path, limit: str, number: int, expected: str) -> None:
    """Where Linux lets no more be watched, also in the midst of a tree, the timer takes over."""
    for name in range(20):
        (root / str(name)).mkdir()
    setting = f"/proc/sys/user/max_inotify_{limit}"
    finished = in_namespace(
        f'echo {number} > {setting} || exit 99; exec "$0" -c "$1" "{root}"', LIMITED
    )
    if finished.returncode in {1, 99, 127} and not finished.stdout:
        pytest.skip("this system gives no user a namespace with limits of its own")
    assert expected in finished.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="inotify")
def test_a_watch_that_the_kernel_dropped_is_healed(watched: Watched, root: Path) -> None:
    """After an unmount the emitter lives and watches nothing; that counts as blind."""
    watched.watch(root)
    observer = watched.observer._observer
    assert observer is not None
    (emitter,) = observer.emitters
    group = emitter._inotify  # type: ignore[attr-defined]
    for descriptor in list(group._active_callbacks_by_watch):
        group.on_watch_deleted(descriptor)
    assert emitter.is_alive()
    assert watched.heal() == {str(root)}
    watched.settle()
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(root)


def test_network_folders_are_read_on_a_timer(root: Path) -> None:
    """The kernel does not see what others write on a share, so none is watched."""
    watched = Watched(on_network=(root,))
    watched.watch(root)
    assert watched.observer.on_timer()[str(root)].code == "on-share"
    assert "nfs4" in watched.observer.on_timer()[str(root)].message
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.is_quiet()
    assert watched.observer.blind() == frozenset()
    watched.observer.close()


def test_a_folder_taken_out_is_not_watched_any_more(
    watched: Watched, root: Path, tmp_path: Path
) -> None:
    """After a change of the settings only their folders are heard of, the others unbroken."""
    other = tmp_path / "other"
    other.mkdir()
    watched.watch(root, other)
    watched.watch(other)
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.is_quiet()
    (other / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.hinted(other)


def test_closing_is_quick_and_final(watched: Watched, root: Path) -> None:
    """After `close` no hint comes, and no thread is left."""
    watched.watch(root)
    started = time.monotonic()
    watched.observer.close()
    assert time.monotonic() - started < 3.0
    (root / "Bill.pdf").write_bytes(b"%PDF-")
    assert watched.is_quiet()
