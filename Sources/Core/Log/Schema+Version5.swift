extension Schema {
    /// The last failures by their number, however many images went well since: `ORDER BY id DESC` reads all of them else.
    static let version5 = """
        CREATE INDEX arrival_failed_number ON arrival (id) WHERE state = 'failed';
        """
}
