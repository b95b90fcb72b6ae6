/// Views over many images: by hour, by time taken, by content.
extension Views {
    /// The stages of a worker, in their order; `slowest` and its index add them up in the same words.
    static let milliseconds = "ms_decode + ms_preprocess + ms_forward + ms_explain + ms_write"

    /// Times and scores are of images that were explained themselves: duplicates have copies of them.
    ///
    /// The hour is an expression that `arrival_hour` has, so that a condition on it reads those hours alone.
    static let hourly = """
        CREATE VIEW hourly AS
        SELECT
            substr(arrival.finished_at, 1, 13) || ':00Z' AS hour,
            count(*) AS images,
            count(*) FILTER (WHERE arrival.state = 'done') AS done,
            count(*) FILTER (WHERE arrival.state = 'failed') AS failed,
            count(*) FILTER (WHERE arrival.state = 'vanished') AS vanished,
            count(arrival.same_as) AS duplicates,
            sum(arrival.bytes) AS bytes,
            sum((SELECT count(*) FROM detection WHERE detection.explanation_id = explanation.id)) AS detections,
            count(*) FILTER (WHERE heat_map.zero_cam) AS zero_cam,
            avg(best.score) AS mean_score,
            avg(heat_map.heat_mean) AS mean_heat_mean,
            avg(\(milliseconds)) FILTER (WHERE arrival.same_as IS NULL) AS mean_milliseconds,
            max(\(milliseconds)) FILTER (WHERE arrival.same_as IS NULL) AS max_milliseconds
        FROM arrival
        LEFT JOIN explanation ON explanation.arrival_id = arrival.id
        LEFT JOIN detection AS best ON best.explanation_id = explanation.id AND best.ordinal = 0
        LEFT JOIN heat_map ON heat_map.detection_id = best.id
        WHERE arrival.finished_at IS NOT NULL
        GROUP BY substr(arrival.finished_at, 1, 13) || ':00Z';
        """

    static let slowest = """
        CREATE VIEW slowest AS
        SELECT
            arrival.id,
            arrival.finished_at AS time,
            arrival.name_text AS name,
            \(milliseconds) AS milliseconds,
            explanation.ms_decode AS decode,
            explanation.ms_preprocess AS preprocess,
            explanation.ms_forward AS forward,
            explanation.ms_explain AS explain,
            explanation.ms_write AS write,
            explanation.width,
            explanation.height,
            explanation.format,
            arrival.bytes,
            (SELECT count(*) FROM detection WHERE detection.explanation_id = explanation.id) AS detections,
            arrival.attempt,
            run.model_name AS model
        FROM explanation
        JOIN arrival ON arrival.id = explanation.arrival_id
        LEFT JOIN run ON run.id = explanation.run_id
        WHERE arrival.same_as IS NULL
        ORDER BY \(milliseconds) DESC;
        """

    /// Equal content, whether its explanation was taken over or made again.
    static let duplicates = """
        CREATE VIEW duplicates AS
        SELECT
            later.id,
            coalesce(later.finished_at, later.claimed_at) AS time,
            later.name_text AS name,
            later.state,
            content.number,
            earlier.id AS earlier_id,
            coalesce(earlier.finished_at, earlier.claimed_at) AS earlier_time,
            earlier.name_text AS earlier_name,
            later.same_as,
            later.bytes,
            lower(hex(later.sha256)) AS sha256
        FROM (
            SELECT id, row_number() OVER content AS number, first_value(id) OVER content AS earlier_id
            FROM arrival
            WHERE sha256 IS NOT NULL AND reexplains IS NULL
            WINDOW content AS (PARTITION BY sha256 ORDER BY id)
        ) AS content
        JOIN arrival AS later ON later.id = content.id
        JOIN arrival AS earlier ON earlier.id = content.earlier_id
        WHERE content.number > 1;
        """
}
