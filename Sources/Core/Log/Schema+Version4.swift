extension Schema {
    /// What the views `log`, `hourly` and `slowest` are searched and sorted by. The expressions are the views' own:
    /// SQLite takes an index on an expression where the same one is asked for (sqlite.org/expridx.html).
    static let version4 = """
        CREATE INDEX arrival_time ON arrival (coalesce(finished_at, claimed_at));
        CREATE INDEX arrival_hour ON arrival (substr(finished_at, 1, 13) || ':00Z');
        CREATE INDEX explanation_milliseconds ON explanation (\(Views.milliseconds));
        """
}
