/// What became of each image, and of the service.
///
/// In `heat`, CROSS JOIN keeps SQLite from beginning at the maps: it begins at the images of a time, at the detections
/// of a label.
extension Views {
    static let images = """
        CREATE VIEW log AS
        SELECT
            arrival.id,
            coalesce(arrival.finished_at, arrival.claimed_at) AS time,
            arrival.name_text AS name,
            arrival.state,
            best.label,
            best.score,
            (SELECT count(*) FROM detection WHERE detection.explanation_id = explanation.id) AS detections,
            explanation.capped,
            heat_map.method,
            heat_map.layers,
            heat_map.zero_cam,
            heat_map.raw_max,
            heat_map.heat_mean,
            explanation.overlay,
            explanation.width,
            explanation.height,
            \(milliseconds) AS milliseconds,
            arrival.attempt,
            arrival.error_code,
            arrival.error_text,
            explanation.notes,
            run.model_name AS model,
            arrival.same_as,
            arrival.reexplains,
            lower(hex(arrival.sha256)) AS sha256
        FROM arrival
        LEFT JOIN explanation ON explanation.arrival_id = arrival.id
        LEFT JOIN detection AS best ON best.explanation_id = explanation.id AND best.ordinal = 0
        LEFT JOIN heat_map ON heat_map.detection_id = best.id
        LEFT JOIN run ON run.id = explanation.run_id;

        CREATE VIEW detections AS
        SELECT
            detection.id,
            arrival.id AS arrival_id,
            arrival.finished_at AS time,
            arrival.name_text AS name,
            detection.ordinal,
            detection.class_index,
            detection.label,
            detection.score,
            detection.logit,
            detection.box_left,
            detection.box_top,
            detection.box_right,
            detection.box_bottom,
            detection.objectness,
            detection.output_row,
            detection.stride,
            detection.overlay
        FROM detection
        JOIN explanation ON explanation.id = detection.explanation_id
        JOIN arrival ON arrival.id = explanation.arrival_id;

        CREATE VIEW heat AS
        SELECT
            detection.id AS detection_id,
            arrival.id AS arrival_id,
            arrival.finished_at AS time,
            arrival.name_text AS name,
            detection.label,
            detection.score,
            detection.box_left,
            detection.box_top,
            detection.box_right,
            detection.box_bottom,
            heat_map.method,
            heat_map.layers,
            heat_map.target,
            heat_map.grid_width,
            heat_map.grid_height,
            heat_map.saturated,
            \(HeatColumns.names.map { "heat_map.\($0)" }.joined(separator: ",\n    "))
        FROM arrival
        JOIN explanation ON explanation.arrival_id = arrival.id
        JOIN detection ON detection.explanation_id = explanation.id
        CROSS JOIN heat_map ON heat_map.detection_id = detection.id;

        CREATE VIEW failures AS
        SELECT
            id,
            finished_at AS time,
            name_text AS name,
            error_code AS code,
            error_text AS reason,
            error_remedy AS remedy,
            attempt,
            bytes
        FROM arrival
        WHERE state = 'failed';

        CREATE VIEW comparisons AS
        SELECT
            new.name,
            old.id AS old_id,
            new.id AS new_id,
            old.model AS old_model,
            new.model AS new_model,
            old.label AS old_label,
            new.label AS new_label,
            old.score AS old_score,
            new.score AS new_score,
            old.detections AS old_detections,
            new.detections AS new_detections,
            old.heat_mean AS old_heat_mean,
            new.heat_mean AS new_heat_mean,
            old.overlay AS old_overlay,
            new.overlay AS new_overlay
        FROM log AS new
        JOIN log AS old ON old.id = new.reexplains
        WHERE new.state = 'done';

        CREATE VIEW events AS
        SELECT id, time, kind, text FROM event;
        """
}
