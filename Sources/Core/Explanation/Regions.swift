/// Connected regions of hot cells. Cells are neighbours where they share an edge.
struct Regions {
    let count: Int
    /// Around all of them; empty where there are none.
    let box: CellBox

    init(of map: HeatMap, reaching threshold: Float) {
        let width = map.width
        var waiting = map.values.map { $0 >= threshold }
        var stack: [Int] = []
        var regions = 0
        var box = CellBox(left: map.width, top: map.height, right: 0, bottom: 0)

        // A cell goes onto the stack once: whoever puts it there strikes it from the waiting ones.
        func visit(_ cell: Int) {
            guard waiting[cell] else { return }
            waiting[cell] = false
            stack.append(cell)
        }

        for start in waiting.indices where waiting[start] {
            regions += 1
            visit(start)
            while let cell = stack.popLast() {
                let (x, y) = (cell % width, cell / width)
                box.left = min(box.left, x)
                box.right = max(box.right, x + 1)
                box.top = min(box.top, y)
                box.bottom = max(box.bottom, y + 1)
                if x > 0 { visit(cell - 1) }
                if x < width - 1 { visit(cell + 1) }
                if y > 0 { visit(cell - width) }
                if y < map.height - 1 { visit(cell + width) }
            }
        }
        count = regions
        self.box = regions > 0 ? box : CellBox(left: 0, top: 0, right: 0, bottom: 0)
    }
}
