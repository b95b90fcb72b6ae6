import COpenCV
import Core

/// 8-bit BGR pixels, upright. Not `Sendable`: it lives on the thread that serves it.
final class Photograph {
    let handle: OpaquePointer

    /// Decodes a file of a format that was recognised, of a size that is within the limits.
    init(decoding bytes: [UInt8], header: ImageHeader) throws(Failure) {
        var handle: OpaquePointer?
        try Failure.checkPicture(
            copencv_picture_decode(
                bytes, bytes.count, header.width, header.height, Int32(header.orientation), &handle))
        self.handle = try Self.present(handle)
    }

    /// As above, but a JPEG no larger than needed for a picture of `side` pixels.
    init(decoding bytes: [UInt8], header: ImageHeader, reducedTo side: Int) throws(Failure) {
        var handle: OpaquePointer?
        try Failure.checkPicture(
            copencv_picture_decode_reduced(
                bytes, bytes.count, header.width, header.height, Int32(header.orientation), side, &handle))
        self.handle = try Self.present(handle)
    }

    /// Takes over a picture that COpenCV made.
    init(owning handle: OpaquePointer?) throws(Failure) { self.handle = try Self.present(handle) }

    deinit { copencv_picture_free(handle) }

    var width: Int { copencv_picture_width(handle) }
    var height: Int { copencv_picture_height(handle) }

    /// The network's input: C x H x W floats, (value / 255 - mean) / std.
    func tensor(
        _ placement: Placement, interpolation: Interpolation, padding: Int, mean: [Float], std: [Float]
    ) throws(Failure) -> [Float] {
        let layout = COpenCVPlacement(
            input_width: Int32(placement.inputWidth), input_height: Int32(placement.inputHeight),
            scaled_width: Int32(clamping: placement.scaledWidth),
            scaled_height: Int32(clamping: placement.scaledHeight),
            left: Int32(clamping: placement.left), top: Int32(clamping: placement.top),
            padding: UInt8(clamping: padding))
        var status: OpaquePointer?
        let size = mean.count * placement.inputWidth * placement.inputHeight
        let values = [Float](unsafeUninitializedCapacity: size) { buffer, count in
            guard let address = buffer.baseAddress else { return }
            status = copencv_picture_tensor(
                handle, layout, COpenCVInterpolation(interpolation), Int32(mean.count), mean, std, address)
            count = status == nil ? size : 0
        }
        try Failure.checkPicture(status)
        return values
    }

    /// Colours the rectangle that the network saw by its heat.
    /// - Parameter heat: 0...1.
    func drawHeat(_ heat: HeatMap, over seen: Box, _ options: OverlayOptions) throws(Failure) {
        let status = heat.values.withUnsafeBufferPointer { values -> OpaquePointer? in
            guard let address = values.baseAddress else { return nil }
            let heat = COpenCVHeat(
                values: address, width: heat.width, height: heat.height, left: seen.left, top: seen.top,
                right: seen.right, bottom: seen.bottom)
            return copencv_picture_draw_heat(
                handle, heat, COpenCVOverlayStyle(options.style), COpenCVColorMap(options.colorMap),
                Float(options.opacity))
        }
        try Failure.checkPicture(status)
    }

    func copy() throws(Failure) -> Photograph {
        var copy: OpaquePointer?
        try Failure.checkPicture(copencv_picture_copy(handle, &copy))
        return try Photograph(owning: copy)
    }

    /// A copy whose longer side has at most so many pixels: a sheet of one picture.
    /// - Parameter side: 16...4096.
    func shrunk(to side: Int) throws(Failure) -> Photograph {
        var sheet: OpaquePointer?
        var pictures: [OpaquePointer] = [handle]
        try Failure.checkPicture(copencv_contact_sheet(&pictures, 1, Int32(side), &sheet))
        return try Photograph(owning: sheet)
    }

    func drawCaption(_ text: String) throws(Failure) {
        try Failure.checkPicture(copencv_picture_draw_caption(handle, text))
    }

    func drawColorBar(_ colorMap: OverlayOptions.ColorMap) throws(Failure) {
        try Failure.checkPicture(copencv_picture_draw_color_bar(handle, COpenCVColorMap(colorMap)))
    }

    /// Calls `body` with the encoded file.
    func encoded(
        _ format: OverlayOptions.Format, quality: Int, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var bytes: OpaquePointer?
        try Failure.checkPicture(
            copencv_picture_encode(
                handle, format == .png ? .PNG : .JPEG, Int32(quality), &bytes))
        let file = try Self.present(bytes)
        defer { copencv_bytes_free(file) }
        try body(UnsafeRawBufferPointer(start: copencv_bytes_data(file), count: copencv_bytes_length(file)))
    }

    private static func present(_ handle: OpaquePointer?) throws(Failure) -> OpaquePointer {
        guard let handle else { throw Failure(.internal, "OpenCV succeeded with nothing.") }
        return handle
    }
}

extension COpenCVInterpolation {
    fileprivate init(_ interpolation: Interpolation) {
        self =
            switch interpolation {
            case .area: .area
            case .linear: .linear
            case .cubic: .cubic
            }
    }
}

extension COpenCVOverlayStyle {
    fileprivate init(_ style: OverlayOptions.Style) {
        self =
            switch style {
            case .blend: .blend
            case .parity: .parity
            }
    }
}

extension COpenCVColorMap {
    fileprivate init(_ colorMap: OverlayOptions.ColorMap) {
        self =
            switch colorMap {
            case .jet: .jet
            case .viridis: .viridis
            case .turbo: .turbo
            case .inferno: .inferno
            }
    }
}
