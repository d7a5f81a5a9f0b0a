"""What happens next: steps (the life of a bill, in order), the scheduler's turn, the ports.

Read ``bills/stages.py``, then ``steps.py``, ``bills/decide_submission.py``, ``scheduler.py``.
Never here: SQL, HTTP, ``open``, threads, waiting.

::

    steps            what each step does once, in the order of a bill's life; gathering: its fetch
    scheduler        one turn: reports are concluded, requests applied, steps chosen
    taking_plans     folders and companies of a new plan, and uploads that the last run left
    choosing         which steps go out now; uploads: which bills among them
    concluding       what a report changes: files and submissions here
    account          whether Nectar answers and takes the key; companies: their sites and documents
    linking          which submission a file belongs to, once its company's sites are known
    readings         what a reading of a folder changes, part by part; digest: what is left of it
    failed_readings  folders that could not be read, or do not answer
    hearing          folders whose files arrive without events
    lists            what a list of documents changes, page by page; listing: how far it came
    owners           which machine serves a folder
    asking           what people asked for
    holding          the holds in force; write_probes: when a folder takes results again
    misplaced        holds that end once no file lies at a wrong place any more
    looking_again    reading and probing everything at once, after a sleep or a reconnect
    mapping          from rows to the plan: folders, companies, sites
    memory           what is remembered between turns, and may be lost
    recording        writing a change down, with what is owed and seen; notices: telling of it
    remaining        whether anything still moves by itself
    result_content   the bytes of a result
    parts            what all of these work on: the store, and what is known beside it
    ports, work      what this floor asks of the world, and how a step is handed over
"""
