import GRDB

/// The heat statistics as columns of the log: one list for the table, the view and the rows.
enum HeatColumns {
    private struct Column<Subject>: Sendable {
        let name: String
        let definition: String
        let value: @Sendable (Subject) -> (any DatabaseValueConvertible)?

        init(
            _ name: String, _ definition: String,
            _ value: @escaping @Sendable (Subject) -> (any DatabaseValueConvertible)?
        ) {
            self.name = name
            self.definition = definition
            self.value = value
        }

        /// A number that is not finite is no number to SQL.
        func databaseValue(of subject: Subject) -> DatabaseValue {
            let value = value(subject)
            if let number = value as? Double, !number.isFinite { return .null }
            return value?.databaseValue ?? .null
        }
    }

    private static let columns: [Column<HeatStatistics>] =
        [
            Column("raw_max", "REAL") { $0.rawMax },
            Column("raw_min", "REAL") { $0.rawMin },
            Column("raw_sum", "REAL") { $0.rawSum },
            Column("zero_cam", "INTEGER NOT NULL CHECK (zero_cam IN (0, 1))") { $0.zeroCAM },
            Column("nonfinite", "INTEGER NOT NULL CHECK (nonfinite IN (0, 1))") { $0.nonfinite },
            Column("pos_fraction", "REAL NOT NULL") { $0.posFraction },
            Column("heat_mean", "REAL") { $0.heatMean },
            Column("heat_std", "REAL") { $0.heatStd },
            Column("median", "REAL") { $0.median },
            Column("p90", "REAL") { $0.p90 },
            Column("p95", "REAL") { $0.p95 },
            Column("p99", "REAL") { $0.p99 },
            Column("entropy", "REAL") { $0.entropy },
            Column("entropy_norm", "REAL") { $0.entropyNorm },
            Column("gini", "REAL") { $0.gini },
            Column("area50", "REAL") { $0.area50 },
            Column("area20", "REAL") { $0.area20 },
            Column("top10_mass", "REAL") { $0.top10Mass },
            Column("centroid_x", "REAL") { $0.centroidX },
            Column("centroid_y", "REAL") { $0.centroidY },
            Column("spread", "REAL") { $0.spread },
            Column("spread_x", "REAL") { $0.spreadX },
            Column("spread_y", "REAL") { $0.spreadY },
            Column("peak_x", "INTEGER") { $0.peakX },
            Column("peak_y", "INTEGER") { $0.peakY },
            Column("n_peaks", "INTEGER") { $0.nPeaks },
            Column("hot_left", "REAL") { $0.hotBox?.left },
            Column("hot_top", "REAL") { $0.hotBox?.top },
            Column("hot_right", "REAL") { $0.hotBox?.right },
            Column("hot_bottom", "REAL") { $0.hotBox?.bottom },
            Column("n_components", "INTEGER") { $0.nComponents },
            Column("border_energy", "REAL") { $0.borderEnergy },
            Column("border_ratio", "REAL") { $0.borderRatio },
            Column("pad_energy", "REAL") { $0.padEnergy },
        ] + (0..<9).map { index in Column("ninth_\(index + 1)", "REAL") { $0.ninths?[index] } }

    /// Since the second version of the tables.
    private static let boxColumns: [Column<HeatInBox>] = [
        Column("energy_in_box", "REAL") { $0.energyInBox },
        Column("energy_ratio", "REAL") { $0.energyRatio },
        Column("pointing_hit", "INTEGER CHECK (pointing_hit IN (0, 1))") { $0.pointingHit },
        Column("iou_hot_box", "REAL") { $0.iouHotBox },
        Column("other_energy", "REAL") { $0.otherEnergy },
    ]

    static let definitions = columns.map { "\($0.name) \($0.definition)" }.joined(separator: ",\n    ")
    static let boxDefinitions = boxColumns.map { "\($0.name) \($0.definition)" }
    static let names = columns.map(\.name) + boxColumns.map(\.name)

    /// In the order of `names`.
    static func values(of heat: Heat) -> [DatabaseValue] {
        columns.map { $0.databaseValue(of: heat.statistics) }
            + boxColumns.map { column in heat.inBox.map(column.databaseValue) ?? .null }
    }
}
