/// How a row of a detector's output is read. The families are named after the exporters whose layout they have.
package enum DetectorFamily: String, CaseIterable, Codable, Sendable {
    /// x, y, width, height, objectness, then a score for each class. Several anchors look at each cell.
    case yolov5
    /// x, y, width, height, then a score for each class. One row for each cell: YOLOv8, YOLO11.
    case yolov8
    /// left, top, right, bottom, score, class. The network itself has dropped what overlaps.
    case endToEnd = "end-to-end"

    /// What stands before the scores of the classes.
    var leadingAttributes: Int {
        switch self {
        case .yolov5: 5
        case .yolov8: 4
        case .endToEnd: 6
        }
    }
}
