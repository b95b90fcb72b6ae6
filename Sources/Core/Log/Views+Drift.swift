/// Whether a label is found as often, as surely, and for the same evidence as it was.
extension Views {
    /// Fewer values than these tell nothing.
    private static let fewestRecent = 10
    private static let fewestEarlier = 30

    private static let quantities = ["score", "heat_mean", "border_ratio", "energy_in_box"]

    /// The last 7 days of the log against the 28 before: their end is the newest image, not the clock, so that a copy
    /// of the log says tomorrow what it says today.
    ///
    /// A difference is given in units of the earlier standard deviation, Glass's delta (Glass 1976,
    /// doi:10.3102/0013189X005010003): unlike a test's p it does not grow with the number of images. Of a share p that
    /// deviation is sqrt(p (1 - p)). Duplicates and images explained again are no new observations.
    ///
    /// CROSS JOIN keeps SQLite to that order: it would begin at the detections otherwise, all of them.
    static let labelDrift = """
        CREATE VIEW label_drift AS
        WITH
            beginning AS (
                SELECT
                    strftime('%Y-%m-%dT%H:%M:%fZ', max(finished_at), '-7 days') AS recent,
                    strftime('%Y-%m-%dT%H:%M:%fZ', max(finished_at), '-35 days') AS earlier
                FROM arrival
            ),
            observed AS (
                SELECT
                    detection.label,
                    arrival.finished_at > (SELECT recent FROM beginning) AS is_recent,
                    detection.score,
                    heat_map.heat_mean,
                    heat_map.border_ratio,
                    heat_map.energy_in_box
                FROM arrival
                CROSS JOIN explanation ON explanation.arrival_id = arrival.id
                CROSS JOIN detection ON detection.explanation_id = explanation.id
                LEFT JOIN heat_map ON heat_map.detection_id = detection.id
                WHERE arrival.finished_at > (SELECT earlier FROM beginning)
                    AND arrival.state = 'done' AND arrival.same_as IS NULL AND arrival.reexplains IS NULL
            ),
            counted AS (
                SELECT
                    label,
                    count(*) FILTER (WHERE is_recent) AS recent,
                    count(*) FILTER (WHERE NOT is_recent) AS earlier,
                    \(quantities.map(sums).joined(separator: ",\n            "))
                FROM observed
                GROUP BY label
            ),
            compared AS (
                SELECT
                    *,
                    sum(recent) OVER () AS all_recent,
                    sum(earlier) OVER () AS all_earlier,
                    recent * 1.0 / nullif(sum(recent) OVER (), 0) AS recent_share,
                    earlier * 1.0 / nullif(sum(earlier) OVER (), 0) AS earlier_share
                FROM counted
            )
        SELECT
            label,
            recent,
            earlier,
            recent_share,
            earlier_share,
            CASE WHEN all_recent >= \(fewestRecent) AND all_earlier >= \(fewestEarlier) THEN
                (recent_share - earlier_share) / sqrt(nullif(earlier_share * (1 - earlier_share), 0))
            END AS share_drift,
            \(quantities.map(columns).joined(separator: ",\n    "))
        FROM compared;
        """

    private static func sums(of quantity: String) -> String {
        """
        count(\(quantity)) FILTER (WHERE is_recent) AS recent_\(quantity)_count,
        avg(\(quantity)) FILTER (WHERE is_recent) AS recent_\(quantity),
        count(\(quantity)) FILTER (WHERE NOT is_recent) AS earlier_\(quantity)_count,
        avg(\(quantity)) FILTER (WHERE NOT is_recent) AS earlier_\(quantity),
        sum(\(quantity) * \(quantity)) FILTER (WHERE NOT is_recent) AS earlier_\(quantity)_squares
        """
    }

    /// Where the earlier values are all the same, rounding leaves some variance or none: below 1e-12 it is none.
    private static func columns(of quantity: String) -> String {
        let (count, mean) = ("earlier_\(quantity)_count", "earlier_\(quantity)")
        return """
            recent_\(quantity),
            \(mean),
            CASE WHEN recent_\(quantity)_count >= \(fewestRecent) AND \(count) >= \(fewestEarlier) THEN
                (recent_\(quantity) - \(mean))
                    / sqrt(nullif(round((\(mean)_squares - \(count) * \(mean) * \(mean)) / (\(count) - 1), 12), 0))
            END AS \(quantity)_drift
            """
    }
}
