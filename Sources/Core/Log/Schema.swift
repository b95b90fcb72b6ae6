import GRDB

/// The tables, which may change from version to version; the views in `Views.swift` are what people query.
enum Schema {
    /// "GCAM": what `file` and scripts tell this log by.
    static let applicationID = 0x4743_414d

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(sql: version1)
            try database.execute(sql: "PRAGMA user_version = 1")
        }
        migrator.registerMigration("2") { database in
            try database.execute(sql: version2)
            for definition in HeatColumns.boxDefinitions {
                try database.execute(sql: "ALTER TABLE heat_map ADD COLUMN \(definition)")
            }
            try Views.makeAnew(in: database)
            try database.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("3") { database in
            // A table cannot be renamed while views look at it.
            try Views.drop(in: database)
            try database.execute(sql: version3)
            try Views.makeAnew(in: database)
            try database.execute(sql: "PRAGMA user_version = 3")
        }
        migrator.registerMigration("4") { database in
            try Views.drop(in: database)
            try database.execute(sql: version4)
            try Views.makeAnew(in: database)
            try database.execute(sql: "PRAGMA user_version = 4")
        }
        migrator.registerMigration("5") { database in
            try database.execute(sql: version5)
            try database.execute(sql: "PRAGMA user_version = 5")
        }
        return migrator
    }

    /// Times are texts, ISO 8601 in UTC. Probabilities and shares are 0…1. Everything that depends on heat is NULL,
    /// not 0, where the map is zero: averages stay honest.
    private static let version1 = """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            exit_reason TEXT,
            version TEXT NOT NULL,
            model_file TEXT NOT NULL,
            model_name TEXT NOT NULL,
            libtorch TEXT NOT NULL,
            cpu_capability TEXT NOT NULL,
            workers INTEGER NOT NULL,
            threads INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE arrival (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            claim TEXT NOT NULL UNIQUE,
            name BLOB NOT NULL,
            name_text TEXT NOT NULL,
            bytes INTEGER NOT NULL,
            modified_at TEXT NOT NULL,
            owner INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('claimed', 'done', 'failed', 'vanished')),
            attempt INTEGER NOT NULL,
            claimed_at TEXT NOT NULL,
            finished_at TEXT,
            error_code TEXT,
            error_text TEXT,
            error_remedy TEXT,
            CHECK ((state = 'claimed') = (finished_at IS NULL)),
            CHECK ((state = 'failed') = (error_code IS NOT NULL))
        ) STRICT;
        CREATE INDEX arrival_finished ON arrival (finished_at);
        CREATE INDEX arrival_open ON arrival (state) WHERE state = 'claimed';
        CREATE INDEX arrival_failed ON arrival (finished_at) WHERE state = 'failed';

        CREATE TABLE explanation (
            id INTEGER PRIMARY KEY,
            arrival_id INTEGER NOT NULL UNIQUE REFERENCES arrival ON DELETE CASCADE,
            run_id INTEGER REFERENCES run,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            format TEXT NOT NULL,
            overlay ANY,
            notes TEXT NOT NULL,
            ms_decode REAL NOT NULL,
            ms_preprocess REAL NOT NULL,
            ms_forward REAL NOT NULL,
            ms_explain REAL NOT NULL,
            ms_write REAL NOT NULL
        ) STRICT;

        CREATE TABLE detection (
            id INTEGER PRIMARY KEY,
            explanation_id INTEGER NOT NULL REFERENCES explanation ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            class_index INTEGER NOT NULL,
            label TEXT NOT NULL,
            score REAL NOT NULL,
            logit REAL,
            overlay ANY,
            UNIQUE (explanation_id, ordinal)
        ) STRICT;
        CREATE INDEX detection_label ON detection (label, explanation_id);

        CREATE TABLE heat_map (
            detection_id INTEGER PRIMARY KEY REFERENCES detection ON DELETE CASCADE,
            method TEXT NOT NULL,
            layers TEXT NOT NULL,
            target TEXT NOT NULL,
            grid_width INTEGER NOT NULL,
            grid_height INTEGER NOT NULL,
            saturated INTEGER NOT NULL CHECK (saturated IN (0, 1)),
            \(HeatColumns.definitions)
        ) STRICT;
        """

    /// Detectors: boxes in pixels of the picture, and whether more was found than explained.
    private static let version2 = """
        ALTER TABLE explanation ADD COLUMN capped INTEGER NOT NULL DEFAULT 0 CHECK (capped IN (0, 1));
        ALTER TABLE detection ADD COLUMN box_left REAL;
        ALTER TABLE detection ADD COLUMN box_top REAL;
        ALTER TABLE detection ADD COLUMN box_right REAL;
        ALTER TABLE detection ADD COLUMN box_bottom REAL;
        ALTER TABLE detection ADD COLUMN objectness REAL;
        ALTER TABLE detection ADD COLUMN output_row INTEGER;
        ALTER TABLE detection ADD COLUMN stride INTEGER;
        """
}
