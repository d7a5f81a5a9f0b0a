"""Reading a bill by a plain text search."""

from agent.emulator.reading import BillReading, Illegible, Reading


def read_bill(text: str) -> Reading:
    """Return what the text of a bill says."""
    return BillReading() if text.strip() else Illegible()
