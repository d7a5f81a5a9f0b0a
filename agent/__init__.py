"""nectar-bill-agent: bills dropped in folders become usage data beside them.

The plan of the house
=====================

The agent's only memory is one SQLite file, the store. A *file* row is what lies in a watched
folder; a *submission* row is what Nectar was given: one for each (bytes, company, site), however
many files hold those bytes. Each row says one *fact* (its stage) and when to look at it again. The
*scheduler* takes the rows that are due, gives each to a worker as one *step*, and writes down what
follows from its *outcome*, which a pure function has chosen. The folder watcher only says "look
there"; reading the folder says what is true. So a kill at any moment costs at most the step under
way. The command line reads the store and leaves *requests* in it. ::

    people        cli                          what a person sees; reads the store, leaves requests
                   |
    showing       tray                         the icon: its menu, its notices, its picture
                   |
    running       service          emulator    assembly, loop, workers; Nectar's API here
                   |
    deciding      pipeline                     what happens next
                   |
    touching      store watch files results nectar    one adapter for each outside thing
                   |
    surroundings  config  system               the owner's wishes; this machine
                   |
    meaning       bills                        what a bill is: no I/O, no clock

Imports go down only, and packages on one floor do not know each other (checked: import-linter,
``pyproject.toml``). What a reader may wonder about:

* ``bills`` uses one library, simplejson: exact digits are part of what a bill means, and the
  floors above it all read or write JSON (``bills/exact_json.py``).
* Linking a readable file to its submission (``bills/linking.py``) and adopting a result found
  beside it (``bills/adopting.py``) are pure functions of their own: both happen when a company's
  sites become known, not only when a step came back.
* What is owed beside a file is stored with the file (``owed``), derived by one pure function each
  time the row or its submission changes (``bills/owing.py``), so that the rows to write are found
  by an index. A test derives it anew for every row.
* A reading is written down in parts of 500 files, each in a turn of its own, so that a folder of
  100,000 files keeps neither people nor a stop waiting (``pipeline/readings.py``).
* A share that hangs is told from one that is slow by the answers its disk gives to single calls
  (``system/signs_of_life.py``). Its steps are written off, its folder waits under a hold, and
  nothing watches it (``service/workers.py``, ``service/patience.py``, ``watch/roots.py``).
* Which machine serves a folder is told by the owner mark in the folder's root, which is looked at
  once more just before each upload (``pipeline/owners.py``, ``steps.send``).
* Content that lies in the cloud is downloaded by one step at a time, on a worker and in a process
  of its own, since a read that waits for a cloud cannot be broken off (``files/cloud.py``).
* ``doctor`` asks a running service to make the checks itself, with its own rights, drives and key,
  in a thread of its own (``service/checkups.py``); service and tray only a person's session sees.
* The system's own manager keeps the service (``system/service_manager.py``). What tells systemd's
  watchdog that it lives is each turn of the main loop, and nothing else (``cli/running.py``).
* What a lost store or another machine may have sent is looked for at Nectar before it is sent
  (``sought_since``, ``bills/linking.py``).

The way of one bill
===================

``found`` -> ``settled`` -> ``examined`` -> ``linked``; its submission ``queued`` -> ``begun``
(written down before the first byte leaves) -> ``accepted`` -> ``finished`` -> ``fetched`` or
``failed``; then the result is written beside every file of it. Read in this order:
``bills/stages.py``, ``pipeline/steps.py``, ``bills/decide_submission.py``,
``pipeline/scheduler.py``; the package ``pipeline`` lists its modules.

Laws
====

1. The store is the truth; memory is a hint (``pipeline/memory.py``).
2. Facts, never activities: no stage that a crash would leave lying.
3. One writer: the scheduler's thread. Workers report, watchers hint, people leave requests.
4. One turn, one transaction: reports and every ``begun`` are committed together, then steps go out.
5. One adapter for each library; every failure is named at its adapter (``bills/errors.py``).
6. Time is given: functions take ``now``; only ``service/clock.py`` asks the system or waits.
7. ``except Exception`` stands in two modules: ``service/workers.py``, where a step runs, and
   ``pipeline/scheduler.py``, where its outcome is written down.
"""

__version__ = "0.1.0"
