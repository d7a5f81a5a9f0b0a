"""The door to Nectar: one method for each call of its API, values out, named errors out.

Here lives all that knows HTTP: the one `httpx.Client`, TLS and proxies, the reading of answers,
and the table that turns httpx's exceptions and Nectar's statuses into named errors. Never here:
trying again, waiting, choosing what follows from an answer.

::

    client       one method for each call: what the rest of the house uses
    connection   where Nectar is and which way leads there
    transport    the pool of connections, which can be dropped at once
    deadline     a total time limit for each request
    trust        whom TLS believes, and what to say when it does not
    upload_body  the multipart form of an upload, which knows whether all of it was handed over
    answer_body  reading an answer without ever holding more than it may have
    payloads     JSON to values; tolerates whatever the contract leaves open
    pages        one page of a list, whatever its shape
    words        what Nectar said, fit to be shown
    retry_after  how long it asks to be left alone
    failures     the error table

`pages` and `payloads` are pure and load no HTTP library.
"""
