"""Every code that people and scripts may meet, with its meaning: README's tables come from here.

The sentences that a person reads stand where the cause is met; these are the short meanings.
"""

from __future__ import annotations

PROBLEMS = {
    "empty": "the file has no bytes",
    "not-a-bill-file": "the bytes are no PDF, PNG or JPEG, whatever the name says",
    "damaged": "it cannot be opened, or is not fully copied",
    "password-protected": "it cannot be opened without a password",
    "too-large": "over 25,000,000 bytes",
    "too-many-pages": "a PDF of more than 150 pages",
    "refused-by-nectar": "Nectar refused this file; its words are in the message",
    "not-a-utility-bill": "Nectar read it and says that it is no utility bill",
    "no-data": "Nectar finished, but found neither usage nor charges",
    "job-failed": "Nectar could not read it",
    "job-terminated": "Nectar stopped reading it; its reason is in the message",
    "job-lost": "Nectar knows no job of it any more, and no bill came of it",
}
"""``problem.code`` in a result."""

WARNINGS = {
    "site-differs": "Nectar booked usage on another site than asked; needs a person",
    "several-documents": "Nectar made several documents of one file",
    "flagged-by-nectar": "Nectar flagged the bill; its word is quoted",
    "usage-estimated": "some usage is estimated by the utility",
}
"""``warnings[].code`` in a result."""

QUESTIONS = {
    "first-look": "it was there before the folder was watched: `bill-agent admit`",
    "asks-other-site": "the same bytes were sent for another site: `bill-agent send`, or move it",
    "result-name-taken": "another file lies where the result should: move that one",
    "name-too-long": "the name leaves no room for `.json`: give the bill a shorter one",
    "internal-error": "five errors of this program: `bill-agent retry`, then report it",
}
"""Codes of files in state `asks`, with what answers them."""

FILE_CODES = {
    "upload-in-doubt": "the answer was lost; the bill is looked for at Nectar before it is resent",
    "result-removed": "somebody took the result away: `bill-agent rewrite` brings it back",
}
"""Other codes beside a file's state."""

HOLDS = {
    "key-missing": ("account", "no API key was found", "`bill-agent key set`"),
    "key-refused": (
        "account",
        "Nectar refuses the API key: it expired, was deleted, or is of another organisation",
        "make a new key in Nectar, then `bill-agent key set`",
    ),
    "no-connection": ("account", "Nectar does not answer", "nothing: it is tried again by itself"),
    "tls-not-trusted": (
        "account",
        "the certificate is not trusted: a proxy or virus scanner opens the connection",
        "`ca_file` in [nectar]: the certificate of that proxy's authority",
    ),
    "store-damaged": (
        "account",
        "the agent's memory cannot be used",
        "`bill-agent doctor` says why; a damaged one is put aside at the next start",
    ),
    "disk-full": ("account", "no space is left where something must be written", "make room"),
    "company-missing": (
        "company",
        "the key does not see the company",
        "correct `company` in the settings, or take a key of the right organisation",
    ),
    "company-ambiguous": (
        "company",
        "several companies could be meant",
        "set `company` in [nectar]; `bill-agent sites` lists them",
    ),
    "company-changed": (
        "company",
        "the only company that the key sees is another one than before",
        "set `company` in [nectar] to the one that is meant",
    ),
    "upload-refused": (
        "company",
        "Nectar refuses uploads, not for the file's sake",
        "at Nectar: is the company active, and may the key upload to the site?",
    ),
    "site-missing": (
        "site",
        "no site of the company has the externalId",
        "set it on the site in Nectar, or correct `site` in the settings",
    ),
    "site-ambiguous": (
        "site",
        "several sites have the externalId",
        "give each site its own externalId in Nectar",
    ),
    "site-archived": (
        "site",
        "the site is archived",
        "reactivate it in Nectar, or correct `site` in the settings",
    ),
    "first-look": (
        "folder",
        "files were there before the folder was watched",
        "`bill-agent admit` with `--all`, `--since DATE` or `--none`",
    ),
    "folder-missing": ("folder", "the folder is not there", "connect its drive or share"),
    "folder-not-readable": (
        "folder",
        "the folder cannot be read",
        "give the agent's user the right to read it",
    ),
    "folder-not-writable": (
        "folder",
        "no result can be written there, or in the one subfolder named: nothing is sent from it",
        "give the agent's user the right to write there",
    ),
    "folder-taken": (
        "folder",
        "another machine serves it",
        "nothing, or `bill-agent take` if this one should",
    ),
    "no-site": (
        "folder",
        "files lie outside the subfolders that tell their site",
        "move them into the subfolder of their site",
    ),
    "looks-like-other-site": (
        "folder",
        "a subfolder has another site's externalId as its name",
        "give it a [[folders]] entry of its own, or rename it",
    ),
    "result-edited": (
        "file",
        "a new revision waits, since somebody edited the result",
        "move the JSON elsewhere, then `bill-agent rewrite`",
    ),
    "waiting-for-cloud": (
        "file",
        "the file's content is not on this disk yet",
        "nothing: it is downloaded",
    ),
}
"""Codes of holds: scope, cause, and what to do."""

STATES = {
    "waiting": "seen, not sent; the code is that of its hold",
    "sent": "Nectar is reading it",
    "done": "its result lies beside it and has no problem",
    "rejected": "its result has a problem",
    "asks": "waits for a person's answer",
    "left": "left alone on purpose",
    "gone": "no such file any more",
}
"""States of a file."""
