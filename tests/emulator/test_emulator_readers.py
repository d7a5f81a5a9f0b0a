"""Reading in a thread of its own: in order, remembered, and not stopped by one bad file."""

import threading

import pytest
from emulator_driver import bill_pdf

from agent.emulator.pdf_text import Kind
from agent.emulator.readers import BackgroundReader, InlineReader
from agent.emulator.reading import BillReading, Illegible

PATIENCE_SECONDS = 20.0


def prepared(reader: BackgroundReader, data: bytes) -> None:
    """Wait until a file is examined."""
    ready = threading.Event()
    reader.prepare(data, ready.set)
    assert ready.wait(PATIENCE_SECONDS)


def test_both_readers_say_the_same() -> None:
    """A test in virtual time and the server read alike."""
    reader, data = BackgroundReader(), bill_pdf()
    prepared(reader, data)
    assert reader.examine(data) == InlineReader().examine(data)
    assert reader.examine(data).kind is Kind.PDF
    assert reader.read(data) is None
    prepared(reader, b"another, examined before anything is read")
    reader.close()


def test_a_file_is_read_once_and_then_at_hand() -> None:
    """None until it is read, then the same reading each time."""
    reader, data = BackgroundReader(), bill_pdf()
    done = threading.Event()
    assert reader.read(data) is None
    reader._put(2, done.set)  # behind the reading
    assert done.wait(PATIENCE_SECONDS)
    first = reader.read(data)
    assert isinstance(first, BillReading)
    assert reader.read(data) is first
    reader.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_file_that_breaks_the_reading_is_refused_and_the_next_is_read() -> None:
    """Whatever goes wrong inside, no upload waits for ever and the thread is replaced."""
    reader = BackgroundReader()

    class Breaking(InlineReader):
        """Breaks on everything."""

        def examine(self, data: bytes) -> None:  # type: ignore[override]  # it never returns
            raise ZeroDivisionError(len(data))

        def read(self, data: bytes) -> None:  # type: ignore[override]  # it never returns
            raise ZeroDivisionError(len(data))

    reader._inline = Breaking()
    bad, good = b"%PDF- bad", bill_pdf()
    first = reader._thread
    prepared(reader, bad)
    first.join(PATIENCE_SECONDS)
    assert reader.examine(bad).refusal == "The file cannot be read."
    second = reader._thread
    assert reader.read(bad) is None
    second.join(PATIENCE_SECONDS)
    assert reader.read(bad) == Illegible()
    reader._inline = InlineReader()
    prepared(reader, good)
    assert reader.examine(good).refusal is None
    reader.close()


def test_closing_drops_what_was_not_begun() -> None:
    """The thread ends although files wait."""
    reader = BackgroundReader()
    for number in range(50):
        reader.read(bill_pdf(str(number)))
    reader.close()
    assert not reader._thread.is_alive()
