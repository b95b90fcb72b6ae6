import COpenCV
import Foundation

/// A picture of the C layer, freed once, for tests of that layer on its own.
final class RawPicture {
    let handle: OpaquePointer

    /// - Throws: what the decoder says.
    init(
        decoding bytes: [UInt8], width: Int, height: Int, orientation: Int32 = 1
    ) throws(RawPictureError) {
        var picture: OpaquePointer?
        try check(copencv_picture_decode(bytes, bytes.count, width, height, orientation, &picture))
        handle = try unwrap(picture)
    }

    private init(_ picture: OpaquePointer?) throws(RawPictureError) {
        handle = try unwrap(picture)
    }

    /// One colour all over, from the bytes of a BMP file.
    convenience init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) throws(RawPictureError) {
        let row = [UInt8](repeatElement([blue, green, red], count: width).joined())
        let padding = [UInt8](repeating: 0, count: (4 - row.count % 4) % 4)
        let pixels = [UInt8](repeatElement(row + padding, count: height).joined())
        func little(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let header: [[UInt8]] = [
            Array("BM".utf8), little(54 + pixels.count, 4), little(0, 4), little(54, 4),
            little(40, 4), little(width, 4), little(height, 4), little(1, 2), little(24, 2), little(0, 4),
            little(pixels.count, 4), little(0, 16),
        ]
        try self.init(decoding: Array(header.joined()) + pixels, width: width, height: height)
    }

    deinit { copencv_picture_free(handle) }

    var width: Int { copencv_picture_width(handle) }
    var height: Int { copencv_picture_height(handle) }

    /// Red, green, blue, row by row.
    var rgb: [UInt8] {
        let bgr = UnsafeBufferPointer(start: copencv_picture_pixels(handle), count: 3 * width * height)
        var rgb = [UInt8](bgr)
        for pixel in stride(from: 0, to: rgb.count, by: 3) { rgb.swapAt(pixel, pixel + 2) }
        return rgb
    }

    func overlaid(
        with heat: [Float], width: Int, height: Int, left: Double = 0, top: Double = 0, right: Double? = nil,
        bottom: Double? = nil, style: COpenCVOverlayStyle, colorMap: COpenCVColorMap = .jet, opacity: Float
    ) throws(RawPictureError) -> RawPicture {
        var copy: OpaquePointer?
        try check(copencv_picture_copy(handle, &copy))
        let overlay = try RawPicture(copy)
        let status = heat.withUnsafeBufferPointer { values -> OpaquePointer? in
            guard let base = values.baseAddress else { return nil }
            let heat = COpenCVHeat(
                values: base, width: width, height: height, left: left, top: top,
                right: right ?? Double(self.width), bottom: bottom ?? Double(self.height))
            return copencv_picture_draw_heat(overlay.handle, heat, style, colorMap, opacity)
        }
        try check(status)
        return overlay
    }

    func encoded(_ format: COpenCVFormat, quality: Int32 = 90) throws(RawPictureError) -> [UInt8] {
        var bytes: OpaquePointer?
        try check(copencv_picture_encode(handle, format, quality, &bytes))
        defer { copencv_bytes_free(bytes) }
        let block = try unwrap(bytes)
        return [UInt8](UnsafeBufferPointer(start: copencv_bytes_data(block), count: copencv_bytes_length(block)))
    }

    func tensor(
        _ placement: COpenCVPlacement, _ interpolation: COpenCVInterpolation, mean: [Float], std: [Float]
    ) throws(RawPictureError) -> [Float] {
        let count = mean.count * Int(placement.input_width) * Int(placement.input_height)
        var values = [Float](repeating: .nan, count: count)
        try check(
            copencv_picture_tensor(handle, placement, interpolation, Int32(mean.count), mean, std, &values))
        return values
    }

    func drawCaption(_ text: String) throws(RawPictureError) {
        try check(copencv_picture_draw_caption(handle, text))
    }

    func drawColorBar(_ colorMap: COpenCVColorMap) throws(RawPictureError) {
        try check(copencv_picture_draw_color_bar(handle, colorMap))
    }

    func drawBoxes(_ boxes: [RawBox]) throws(RawPictureError) {
        let labels = boxes.map { strdup($0.label) }
        defer { for label in labels { free(label) } }
        var drawn: [COpenCVBox] = []
        for (box, label) in zip(boxes, labels) {
            guard let label else { throw RawPictureError(code: .outOfMemory, message: "strdup") }
            drawn.append(
                COpenCVBox(
                    left: box.left, top: box.top, right: box.right, bottom: box.bottom, label: label,
                    red: box.color[0], green: box.color[1], blue: box.color[2]))
        }
        try check(copencv_picture_draw_boxes(handle, drawn, drawn.count))
    }

    static func contactSheet(_ pictures: [RawPicture], tileSide: Int32) throws(RawPictureError) -> RawPicture {
        var sheet: OpaquePointer?
        let handles = pictures.map(\.handle)
        let status = withExtendedLifetime(pictures) {
            copencv_contact_sheet(handles, handles.count, tileSide, &sheet)
        }
        try check(status)
        return try RawPicture(sheet)
    }

    /// Red, green, blue.
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
        let bgr = copencv_picture_pixels(handle) + 3 * (y * width + x)
        return [bgr[2], bgr[1], bgr[0]]
    }
}

/// A box of the C layer.
struct RawBox {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double
    var label = ""
    /// Red, green, blue.
    var color: [UInt8] = [230, 159, 0]

    init(_ sides: (left: Double, top: Double, right: Double, bottom: Double), _ label: String = "") {
        (left, top, right, bottom) = sides
        self.label = label
    }

    func colored(_ color: [UInt8]) -> RawBox {
        var copy = self
        copy.color = color
        return copy
    }
}

struct RawPictureError: Error {
    var code: COpenCVCode
    var message: String
}

private func check(_ status: OpaquePointer?) throws(RawPictureError) {
    guard let status else { return }
    defer { copencv_status_free(status) }
    throw RawPictureError(
        code: copencv_status_code(status), message: String(cString: copencv_status_message(status)))
}

private func unwrap(_ pointer: OpaquePointer?) throws(RawPictureError) -> OpaquePointer {
    guard let pointer else { throw RawPictureError(code: .runtime, message: "success without a result") }
    return pointer
}

/// What `Fixtures/make_pictures.py` and `make_overlays.py` wrote.
enum PictureFixtures {
    struct Expectation: Decodable {
        var width: Int
        var height: Int
        var orientation: Int32
        var tolerance: Int
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: path)))
    }

    static func floats(_ path: String) throws -> [Float] {
        try bytes(path).withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 4).map { raw.loadUnaligned(fromByteOffset: $0, as: Float.self) }
        }
    }

    static func index() throws -> [String: Expectation] {
        let data = try Data(contentsOf: folder.appending(path: "pictures/pictures.json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([String: Expectation].self, from: data)
    }

    static func picture(_ name: String) throws -> RawPicture {
        let expectation = try index()[name]
        return try RawPicture(
            decoding: bytes("pictures/\(name)"), width: expectation?.width ?? 0, height: expectation?.height ?? 0,
            orientation: expectation?.orientation ?? 1)
    }
}

/// The largest difference of two pictures of the same size.
func largestDifference(_ first: [UInt8], _ second: [UInt8]) -> Int {
    zip(first, second).map { abs(Int($0) - Int($1)) }.max() ?? 0
}
