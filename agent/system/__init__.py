"""This machine: where things lie, who else runs, how it stops, where the key is kept.

Here lives whatever differs between systems or asks them for something, each with its failures
named. What differs is written once for each system, in ``_linux``, ``_macos`` and ``_windows``;
``here`` is the one that applies. Never here: what a bill is, what the settings say, logging.

Importing a module of this package is cheap: keyring is imported when a key is asked for.
"""
