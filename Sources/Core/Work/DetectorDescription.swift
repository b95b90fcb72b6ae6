/// What a worker knows about a detector's output.
package struct DetectorDescription: Codable, Equatable, Sendable {
    package struct Level: Codable, Equatable, Sendable {
        /// Input pixels for each cell.
        package var stride: Int
        /// In cells, at the size that the network was probed with.
        package var width: Int
        package var height: Int
        /// Boxes that come from this level.
        package var rows: Int
        /// What everything of the level passes through last; `nil` where the graph does not tell.
        package var headInput: String?

        package init(stride: Int, width: Int, height: Int, rows: Int, headInput: String?) {
            self.stride = stride
            self.width = width
            self.height = height
            self.rows = rows
            self.headInput = headInput
        }

        private enum CodingKeys: String, CodingKey {
            case stride, width, height, rows
            case headInput = "head_input"
        }
    }

    package var family: DetectorFamily
    /// What the exporter calls it: of segment, pose and obb the boxes alone are explained.
    package var exportedTask: ExportMetadata.Task?
    package var rows: Int
    /// 0 where an end-to-end network does not name them.
    package var classes: Int
    package var anchorsPerCell: Int
    /// Numbers behind the classes of each row: mask coefficients, keypoints, an angle.
    package var ignoredAttributes: Int
    /// Pictures are padded to the next multiple of the stride only.
    package var inputIsDynamic: Bool
    /// Finest first; empty where rows do not tell.
    package var levels: [Level]

    package init(
        family: DetectorFamily, exportedTask: ExportMetadata.Task?, rows: Int, classes: Int, anchorsPerCell: Int,
        ignoredAttributes: Int, inputIsDynamic: Bool, levels: [Level]
    ) {
        self.family = family
        self.exportedTask = exportedTask
        self.rows = rows
        self.classes = classes
        self.anchorsPerCell = anchorsPerCell
        self.ignoredAttributes = ignoredAttributes
        self.inputIsDynamic = inputIsDynamic
        self.levels = levels
    }

    private enum CodingKeys: String, CodingKey {
        case family, rows, classes, levels
        case exportedTask = "exported_task"
        case anchorsPerCell = "anchors_per_cell"
        case ignoredAttributes = "ignored_attributes"
        case inputIsDynamic = "input_is_dynamic"
    }
}
