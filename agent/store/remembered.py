"""Names of values that the service remembers in the store, for those who read them."""

from __future__ import annotations

STORE_LOST = "store-lost"
"""Why this store was begun anew in place of another, in a sentence; absent where it was not."""
STORE_BEGUN = "store-begun"
"""When the agent first opened this store, in seconds since 1970."""
RUN_PID = "run-pid"
"""The process that runs, or ran last."""
RUN_SINCE = "run-since"
"""When it began, in seconds since 1970."""
SETTINGS_ERROR = "settings-error"
"""Why the changed configuration was not taken over; absent while it is usable."""
SERVED_SINCE = "served since "
"""Names begin so, with the folder's path: since when another machine has served it."""
SHARED = "shared "
"""Names begin so, with the folder's path: when another machine was last known to serve it too."""
CHANGES_SEEN = "changes seen "
"""Names begin so, with a company's id and world: up to when changes of documents were seen, by
Nectar's clock."""
WHOLE_LIST = "whole list "
"""Names begin so too: when all documents of a company were listed last, and how many seconds must
pass until the next time."""
UNHEARD = "unheard "
"""Names begin so, with a folder's path: since when files have arrived there without events."""
PAUSE = "pause "
"""Names of pauses begin so; the folder's path follows, nothing for all folders. The value is when
the pause ends, 0 for not by itself."""
