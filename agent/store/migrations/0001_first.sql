-- Times are seconds since 1970 (UTC). Paths are bytes, as the file system gives them.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE folders (
    id            INTEGER PRIMARY KEY,
    path          BLOB    NOT NULL UNIQUE,
    is_configured INTEGER NOT NULL,
    due           REAL,
    read_at       REAL,
    read_seconds  REAL    NOT NULL,
    failures      INTEGER NOT NULL,
    first_look    TEXT    NOT NULL,
    volume        TEXT    NOT NULL,
    is_paused     INTEGER NOT NULL,
    missing_since REAL,
    unsupported   TEXT    NOT NULL,
    others        INTEGER NOT NULL,
    met_at        REAL    NOT NULL,
    is_lost       INTEGER NOT NULL,
    unread        TEXT    NOT NULL
) STRICT;

CREATE TABLE companies (
    name               TEXT NOT NULL,
    world              TEXT NOT NULL,
    found              TEXT,
    read_at            REAL,
    due                REAL,
    failures           INTEGER NOT NULL,
    accepted_at        REAL,
    documents_due      REAL,
    documents_tries    INTEGER NOT NULL,
    corrections_read_at REAL,
    corrections_due    REAL,
    job_seconds        TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (name, world)
) STRICT, WITHOUT ROWID;

CREATE TABLE submissions (
    id              INTEGER PRIMARY KEY,
    sha256          TEXT    NOT NULL CHECK (length(sha256) = 64),
    world           TEXT    NOT NULL,
    company_id      TEXT    NOT NULL,
    site_id         TEXT    NOT NULL,
    place           TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    stage           TEXT    NOT NULL CHECK (stage IN ('queued', 'begun', 'accepted', 'finished',
                                                      'fetched', 'failed', 'withdrawn')),
    since           REAL    NOT NULL,
    newest          REAL    NOT NULL,
    due             REAL,
    failures        INTEGER NOT NULL,
    bugs            INTEGER NOT NULL,
    begun_at        REAL,
    doubted_at      REAL,
    doubt_ends      REAL,
    sent_at         REAL,
    answered_at     REAL,
    job_id          TEXT,
    not_there_since REAL,
    tries           INTEGER NOT NULL,
    refusals        INTEGER NOT NULL,
    refused_at      REAL,
    reason          TEXT,
    revision        INTEGER NOT NULL,
    revision_at     REAL    NOT NULL,
    outcome         TEXT,
    problem         TEXT,
    warnings        TEXT    NOT NULL,
    fingerprint     TEXT    NOT NULL,
    working         BLOB,
    UNIQUE (sha256, world, company_id, site_id),
    CHECK (stage NOT IN ('begun', 'accepted', 'finished') OR begun_at IS NOT NULL),
    CHECK (stage <> 'accepted' OR job_id IS NOT NULL),
    CHECK (stage NOT IN ('fetched', 'failed') OR outcome IS NOT NULL)
) STRICT;

CREATE INDEX submissions_to_send ON submissions (newest DESC) WHERE stage = 'queued';
CREATE INDEX submissions_due ON submissions (due) WHERE due IS NOT NULL;
CREATE INDEX submissions_begun ON submissions (begun_at) WHERE stage = 'begun';
CREATE INDEX submissions_lost ON submissions (not_there_since) WHERE not_there_since IS NOT NULL;
CREATE INDEX submissions_elsewhere ON submissions (id)
    WHERE instr(warnings, '["site-differs"') > 0;
CREATE INDEX submissions_open ON submissions (stage)
    WHERE stage IN ('begun', 'accepted', 'finished');
CREATE INDEX submissions_by_job ON submissions (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE revisions (
    submission_id INTEGER NOT NULL REFERENCES submissions (id),
    revision      INTEGER NOT NULL,
    at            REAL    NOT NULL,
    outcome       TEXT    NOT NULL,
    problem       TEXT,
    warnings      TEXT    NOT NULL,
    answers       BLOB,
    PRIMARY KEY (submission_id, revision)
) STRICT;

-- Which documents at Nectar a submission's result is made of, as it last saw them: parsed ones
-- that are "there" or "gone", and "beside" them duplicates and what was revised. "updated" is what a
-- list or the document said last.
CREATE TABLE documents (
    document_id   TEXT    NOT NULL,
    submission_id INTEGER NOT NULL REFERENCES submissions (id),
    updated       TEXT,
    created       REAL,
    standing      TEXT    NOT NULL CHECK (standing IN ('there', 'gone', 'beside')),
    PRIMARY KEY (document_id, submission_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX documents_of ON documents (submission_id);

CREATE TABLE files (
    id                INTEGER PRIMARY KEY,
    folder_id         INTEGER NOT NULL REFERENCES folders (id),
    path              BLOB    NOT NULL UNIQUE,
    size              INTEGER NOT NULL,
    modified_ns       INTEGER NOT NULL,
    file_number       TEXT    NOT NULL,
    stage             TEXT    NOT NULL CHECK (stage IN ('found', 'settled', 'examined', 'linked',
                                                        'left', 'rejected', 'gone')),
    state             TEXT    NOT NULL,
    code              TEXT,
    since             REAL    NOT NULL,
    first_seen        REAL    NOT NULL,
    last_seen         REAL    NOT NULL,
    due               REAL,
    failures          INTEGER NOT NULL,
    bugs              INTEGER NOT NULL,
    question          TEXT,
    problem           TEXT,
    sha256            TEXT,
    kind              TEXT,
    submission_id     INTEGER REFERENCES submissions (id),
    asked_site        TEXT,
    owed              TEXT    NOT NULL,
    owed_since        REAL    NOT NULL,
    copy_of           BLOB,
    present           TEXT    NOT NULL,
    present_sha256    TEXT,
    present_signature TEXT,
    present_at        REAL    NOT NULL,
    write_due         REAL,
    fate              TEXT    NOT NULL,
    adoptable         TEXT,
    missing           INTEGER NOT NULL,
    dismissed         INTEGER NOT NULL,
    may_go_elsewhere  INTEGER NOT NULL,
    sought_since      REAL,
    CHECK (stage <> 'linked' OR submission_id IS NOT NULL)
) STRICT;

CREATE INDEX files_due ON files (due) WHERE due IS NOT NULL;
CREATE INDEX files_to_write ON files (write_due) WHERE write_due IS NOT NULL;
CREATE INDEX files_by_folder ON files (folder_id, state);
CREATE INDEX files_by_state ON files (state);
CREATE INDEX files_by_submission ON files (submission_id) WHERE submission_id IS NOT NULL;
CREATE INDEX files_by_bytes ON files (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX files_without_place ON files (folder_id) WHERE stage = 'examined';
CREATE INDEX files_to_see ON files (state, code)
    WHERE dismissed = 0 AND state IN ('rejected', 'asks');
CREATE INDEX files_finished ON files (present_at)
    WHERE state IN ('done', 'rejected') AND present_at > 0;
CREATE INDEX files_edited ON files (since) WHERE fate = 'result-edited';
CREATE INDEX files_in_cloud ON files (due) WHERE code = 'waiting-for-cloud';
CREATE INDEX files_sought ON files (sought_since)
    WHERE sought_since IS NOT NULL AND question IS NOT NULL;

CREATE TABLE holds (
    code    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    since   REAL    NOT NULL,
    message TEXT    NOT NULL,
    advice  TEXT    NOT NULL,
    due     REAL,
    tries   INTEGER NOT NULL,
    PRIMARY KEY (kind, name, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    id            INTEGER PRIMARY KEY,
    at            REAL    NOT NULL,
    what          TEXT    NOT NULL,
    file_id       INTEGER REFERENCES files (id),
    submission_id INTEGER REFERENCES submissions (id)
) STRICT;

CREATE INDEX history_by_file ON history (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX history_by_submission ON history (submission_id) WHERE submission_id IS NOT NULL;

CREATE TABLE requests (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       REAL NOT NULL,
    kind     TEXT NOT NULL,
    payload  TEXT NOT NULL,
    answered REAL,
    answer   TEXT
) STRICT;

CREATE INDEX requests_open ON requests (id) WHERE answered IS NULL;
