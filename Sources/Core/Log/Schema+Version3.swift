extension Schema {
    /// Images that wait, the content's hash, what becomes of the original, duplicates and images explained again; what
    /// happened to the service itself.
    ///
    /// The table is made anew, for its checks cannot be altered in place: https://sqlite.org/lang_altertable.html, 7.
    static let version3 = """
        CREATE TABLE arrival_3 (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            claim TEXT NOT NULL UNIQUE,
            name BLOB NOT NULL,
            name_text TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            modified_at TEXT NOT NULL,
            owner INTEGER NOT NULL,
            sha256 BLOB CHECK (length(sha256) = 32),
            original TEXT NOT NULL DEFAULT 'archive' CHECK (original IN ('archive', 'delete', 'keep', 'borrow')),
            identity TEXT,
            same_as INTEGER REFERENCES arrival_3 ON DELETE SET NULL,
            reexplains INTEGER REFERENCES arrival_3 ON DELETE SET NULL,
            state TEXT NOT NULL CHECK (state IN ('claimed', 'waiting', 'done', 'failed', 'vanished')),
            attempt INTEGER NOT NULL,
            claimed_at TEXT NOT NULL,
            finished_at TEXT,
            error_code TEXT,
            error_text TEXT,
            error_remedy TEXT,
            CHECK ((state IN ('claimed', 'waiting')) = (finished_at IS NULL)),
            CHECK ((state IN ('failed', 'waiting')) = (error_code IS NOT NULL))
        ) STRICT;
        INSERT INTO arrival_3 (
            id, claim, name, name_text, bytes, modified_at, owner, original, state, attempt, claimed_at, finished_at,
            error_code, error_text, error_remedy
        ) SELECT
            id, claim, name, name_text, bytes, modified_at, owner, 'archive', state, attempt, claimed_at, finished_at,
            error_code, error_text, error_remedy
        FROM arrival;
        DROP TABLE arrival;
        ALTER TABLE arrival_3 RENAME TO arrival;
        CREATE INDEX arrival_finished ON arrival (finished_at);
        CREATE INDEX arrival_open ON arrival (state) WHERE state IN ('claimed', 'waiting');
        CREATE INDEX arrival_failed ON arrival (finished_at) WHERE state = 'failed';
        CREATE INDEX arrival_name ON arrival (name_text);
        CREATE INDEX arrival_content ON arrival (sha256) WHERE sha256 IS NOT NULL;
        CREATE UNIQUE INDEX arrival_identity ON arrival (identity) WHERE identity IS NOT NULL;
        CREATE INDEX arrival_same ON arrival (same_as) WHERE same_as IS NOT NULL;
        CREATE INDEX arrival_reexplains ON arrival (reexplains) WHERE reexplains IS NOT NULL;

        ALTER TABLE run ADD COLUMN fingerprint TEXT;
        ALTER TABLE run ADD COLUMN model_sha256 TEXT;

        CREATE TABLE inbox (id TEXT NOT NULL) STRICT;

        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            time TEXT NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;

        CREATE TABLE repetition (
            arrival_id INTEGER PRIMARY KEY REFERENCES arrival ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('retry', 'reexplain'))
        ) STRICT;

        CREATE TABLE pause (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            since TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        """
}
