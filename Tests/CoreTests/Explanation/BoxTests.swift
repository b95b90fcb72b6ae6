import Core
import Testing

@Suite("Box") struct BoxTests {
    private let box = Box(left: 1, top: 2, right: 5, bottom: 6)

    @Test("the intersection is what lies in both") func intersection() {
        let other = Box(left: 3, top: 0, right: 9, bottom: 4)
        #expect(box.intersection(with: other) == Box(left: 3, top: 2, right: 5, bottom: 4))
        #expect(other.intersection(with: box) == box.intersection(with: other))
    }

    @Test("boxes that touch, or are turned inside out, have nothing in common") func nothingInCommon() {
        #expect(box.intersection(with: Box(left: 5, top: 2, right: 9, bottom: 6)) == nil)
        #expect(box.intersection(with: Box(left: 7, top: 7, right: 9, bottom: 9)) == nil)
        #expect(box.intersection(with: Box(left: 5, top: 6, right: 1, bottom: 2)) == nil)
    }

    @Test("IoU: 4 cells of 16 + 24 - 4") func iou() {
        #expect(box.iou(with: Box(left: 3, top: 0, right: 9, bottom: 4)) == 4.0 / 36)
        #expect(box.iou(with: box) == 1)
        #expect(box.iou(with: Box(left: 5, top: 2, right: 9, bottom: 6)) == 0)
        let point = Box(left: 3, top: 3, right: 3, bottom: 3)
        #expect(point.iou(with: point) == 0)
    }

    @Test("clipped edges stay in the picture") func clipped() {
        #expect(
            Box(left: -3, top: 1, right: 12, bottom: 99).clipped(toWidth: 10, height: 8)
                == Box(left: 0, top: 1, right: 10, bottom: 8))
        #expect(Box(left: 11, top: -9, right: 12, bottom: -1).clipped(toWidth: 10, height: 8).area == 0)
    }
}
