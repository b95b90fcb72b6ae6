/// A rectangle with edges between cells or pixels: half-open, x to the right, y down. The first cell spans 0...1.
package struct Box: Codable, Equatable, Sendable {
    package var left: Double
    package var top: Double
    package var right: Double
    package var bottom: Double

    package init(left: Double, top: Double, right: Double, bottom: Double) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    package init(_ box: CellBox) {
        self.init(
            left: Double(box.left), top: Double(box.top), right: Double(box.right), bottom: Double(box.bottom))
    }

    package var width: Double { right - left }
    package var height: Double { bottom - top }
    /// 0 for a box without inside.
    package var area: Double { max(width, 0) * max(height, 0) }

    /// What lies in both; `nil` where they have no inside in common.
    package func intersection(with other: Box) -> Box? {
        let common = Box(
            left: max(left, other.left), top: max(top, other.top), right: min(right, other.right),
            bottom: min(bottom, other.bottom))
        return common.area > 0 ? common : nil
    }

    /// Intersection over union, 0...1; 0 where neither has an inside.
    package func iou(with other: Box) -> Double {
        let common = intersection(with: other)?.area ?? 0
        return common > 0 ? common / (area + other.area - common) : 0
    }

    /// Every edge moved into 0...width and 0...height. A box that lies beside that has no inside any more.
    package func clipped(toWidth width: Double, height: Double) -> Box {
        Box(
            left: min(max(left, 0), width), top: min(max(top, 0), height), right: min(max(right, 0), width),
            bottom: min(max(bottom, 0), height))
    }
}

/// A rectangle of whole cells: columns `left..<right`, rows `top..<bottom`.
package struct CellBox: Equatable, Sendable {
    package var left: Int
    package var top: Int
    package var right: Int
    package var bottom: Int

    package init(left: Int, top: Int, right: Int, bottom: Int) {
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    package var width: Int { right - left }
    package var height: Int { bottom - top }
}
