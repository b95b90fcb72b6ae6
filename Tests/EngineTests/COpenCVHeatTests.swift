import COpenCV
import Testing

/// The C layer paints blocks of pixels, passes over those without heat and keeps rows of cells: here each pixel is
/// computed by itself, as copencv.h says it.
@Suite("COpenCV: heat, pixel by pixel") struct COpenCVHeatTests {
    private struct Map {
        var values: [Float]
        var width: Int
        var height: Int

        /// Bilinear between the centres of cells, which go on beyond the outermost ones.
        func heat(_ x: Double, _ y: Double) -> Float {
            func neighbors(_ position: Double, _ cells: Int) -> (Int, Int, Float) {
                let clamped = min(max(position - 0.5, 0), Double(cells - 1))
                let first = Int(clamped)
                return (first, min(first + 1, cells - 1), Float(clamped - Double(first)))
            }
            let (left, right, along) = neighbors(x, width)
            let (above, below, down) = neighbors(y, height)
            func cell(_ x: Int, _ y: Int) -> Float {
                let value = values[y * width + x]
                return value >= 0 ? min(value, 1) : 0
            }
            func line(_ y: Int) -> Float { cell(left, y) * (1 - along) + cell(right, y) * along }
            return line(above) * (1 - down) + line(below) * down
        }
    }

    private static let size = (width: 200, height: 9)

    /// Zero but for some cells in the middle or at an edge, full, and with what is no heat at all.
    private static let maps = [
        Map(values: [1], width: 1, height: 1),
        Map(values: [0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0, 0, 0], width: 4, height: 3),
        Map(values: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5], width: 6, height: 2),
        Map(values: (0..<640).map { $0 == 300 || $0 == 302 ? 1 : 0 }, width: 320, height: 2),
        Map(values: (0..<35).map { Float($0 * 13 % 35) / 34 }, width: 7, height: 5),
        Map(values: [.nan, -1, 0.2, .infinity, -0.0, 3], width: 3, height: 2),
    ]

    private static let pictures = [(1, 1), (17, 3), (64, 2), (65, 5), (200, 9)]

    private func jet(_ heat: Float) -> [Float] { jetColor(Int(heat * 255)).map(Float.init) }

    private func expected(
        _ picture: RawPicture, _ map: Map, _ style: COpenCVOverlayStyle, _ seen: (left: Double, right: Double)
    ) -> [UInt8] {
        var rgb = picture.rgb
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let center = Double(x) + 0.5
                guard center >= seen.left, center < seen.right else { continue }
                let heat = map.heat(
                    (center - seen.left) * (Double(map.width) / (seen.right - seen.left)),
                    (Double(y) + 0.5) * (Double(map.height) / Double(picture.height)))
                for (channel, color) in jet(heat).enumerated() {
                    let index = 3 * (y * picture.width + x) + channel
                    let from = Float(rgb[index])
                    rgb[index] =
                        style == .blend
                        ? UInt8(from + 0.6 * heat * (color - from) + 0.5)
                        : UInt8(min((Double(Float(0.6)) * Double(color) + Double(from)).rounded(.toNearestOrEven), 255))
                }
            }
        }
        return rgb
    }

    @Test("blocks, their remainders and rows without heat are what each pixel is by itself", arguments: pictures)
    func everyPixel(width: Int, height: Int) throws {
        let picture = try RawPicture(width: width, height: height, red: 200, green: 90, blue: 3)
        for (index, map) in Self.maps.enumerated() {
            for style in [COpenCVOverlayStyle.blend, .parity] {
                for (left, right) in [(0, Double(width)), (-3.25, Double(width) * 0.75), (0.4, Double(width) + 40)] {
                    let overlay = try picture.overlaid(
                        with: map.values, width: map.width, height: map.height, left: left, right: right,
                        style: style, opacity: 0.6)
                    // One for processors that multiply and add without rounding between.
                    #expect(
                        largestDifference(overlay.rgb, expected(picture, map, style, (left, right))) <= 1,
                        "map \(index), \(style), \(left) ..< \(right)")
                }
            }
        }
    }

    @Test("what is beside all heat keeps its pixels, bit by bit") func cold() throws {
        let picture = try RawPicture(width: 640, height: 32, red: 255, green: 1, blue: 128)
        var values = [Float](repeating: 0, count: 64 * 4)
        values[64 + 20] = 1
        let overlay = try picture.overlaid(with: values, width: 64, height: 4, style: .blend, opacity: 1)
        for y in 0..<32 {
            for x in 0..<640 {
                // Cells of 10 x 8 pixels: the heat reaches to the centres of the neighbours.
                let isReached = (195..<215).contains(x) && (4..<20).contains(y)
                let isKept = overlay.pixel(x, y) == [255, 1, 128]
                #expect(isKept != isReached, "\(x), \(y)")
            }
        }
    }
}
