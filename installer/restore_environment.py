"""Runs before everything else in a package: gives other programs the environment they had.

On Linux a packaged program is started with LD_LIBRARY_PATH pointing at its own libraries. It has
been obeyed by now; a program that the agent starts (a file manager, systemctl) must not see it.
"""

import os

_given = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if _given:
    os.environ["LD_LIBRARY_PATH"] = _given
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
