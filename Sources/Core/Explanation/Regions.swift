/// Connected regions of hot cells. Cells are neighbours where they share an edge.
struct Regions {
    let count: Int
    /// Around all of them; empty where there are none.
    let box: CellBox

    /// - Precondition: `threshold` is above 0.
    init(of heat: WarmHeat, reaching threshold: Float) {
        var regions = 0
        var box = CellBox(left: heat.map.width, top: heat.map.height, right: 0, bottom: 0)
        // Cells beside each other in a line hang together, and so do lines' that have a column in common.
        var union = Union()
        var above: Range<Int> = 0..<0
        for y in heat.box.top..<heat.box.bottom {
            let first = union.runs.count
            heat.forEachRun(inLine: y, reaching: threshold) { union.add($0) }
            let own = first..<union.runs.count
            regions += own.count - union.join(own, above)
            above = own
            guard !own.isEmpty else { continue }
            box.left = min(box.left, union.runs[own.lowerBound].lowerBound)
            box.right = max(box.right, union.runs[own.upperBound - 1].upperBound)
            box.top = min(box.top, y)
            box.bottom = y + 1
        }
        count = regions
        self.box = regions > 0 ? box : CellBox(left: 0, top: 0, right: 0, bottom: 0)
    }
}

/// Runs of cells, and which of them hang together.
private struct Union {
    /// Columns, line by line.
    private(set) var runs: [Range<Int>] = []
    /// Of each run another one of its region; of the region's first run itself.
    private var parents: [Int] = []

    mutating func add(_ run: Range<Int>) {
        parents.append(runs.count)
        runs.append(run)
    }

    /// Joins the runs of two lines.
    /// - Returns: how many regions became one with another.
    mutating func join(_ line: Range<Int>, _ other: Range<Int>) -> Int {
        var joined = 0
        var (one, two) = (line.lowerBound, other.lowerBound)
        while one < line.upperBound, two < other.upperBound {
            if runs[one].overlaps(runs[two]) {
                let (first, second) = (root(of: one), root(of: two))
                if first != second { joined += 1 }
                parents[first] = second
            }
            if runs[one].upperBound < runs[two].upperBound { one += 1 } else { two += 1 }
        }
        return joined
    }

    private mutating func root(of run: Int) -> Int {
        var run = run
        while parents[run] != run {
            parents[run] = parents[parents[run]]
            run = parents[run]
        }
        return run
    }
}

extension WarmHeat {
    /// The columns of cells beside each other that reach the threshold, from the left.
    fileprivate func forEachRun(inLine y: Int, reaching threshold: Float, _ body: (Range<Int>) -> Void) {
        map.values.withUnsafeBufferPointer { values in
            let line = y * map.width
            var x = box.left
            while x < box.right {
                while x < box.right, !(values[line + x] >= threshold) { x += 1 }
                let start = x
                while x < box.right, values[line + x] >= threshold { x += 1 }
                if start < x { body(start..<x) }
            }
        }
    }
}
