import COpenCV
import Testing

@Suite("COpenCV: tensors") struct COpenCVTensorTests {
    let mean: [Float] = [0.485, 0.456, 0.406]
    let std: [Float] = [0.229, 0.224, 0.225]
    /// One step of 8-bit rounding, in the network's units.
    let step: Float = 1 / 255 / 0.224

    private func placement(
        input: (Int32, Int32), scaled: (Int32, Int32), left: Int32 = 0, top: Int32 = 0
    ) -> COpenCVPlacement {
        COpenCVPlacement(
            input_width: input.0, input_height: input.1, scaled_width: scaled.0, scaled_height: scaled.1,
            left: left, top: top, padding: 114)
    }

    private func largestDifference(_ values: [Float], _ golden: String) throws -> Float {
        let expected = try PictureFixtures.floats("overlays/\(golden).f32")
        try #require(values.count == expected.count)
        return zip(values, expected).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test("letterbox: scaled, centred, padded with 114")
    func letterbox() throws {
        let values = try PictureFixtures.picture("rgb.png").tensor(
            placement(input: (32, 32), scaled: (32, 18), top: 7), .linear, mean: mean, std: std)
        #expect(try largestDifference(values, "letterbox") <= 1.01 * step)
        #expect(abs(values[0] - (114.0 / 255 - 0.485) / 0.229) < 1e-6)
    }

    @Test("centre crop: shrunk by averaging, then cut")
    func crop() throws {
        let values = try PictureFixtures.picture("rgb.png").tensor(
            placement(input: (14, 14), scaled: (28, 16), left: -7, top: -1), .area, mean: mean, std: std)
        #expect(try largestDifference(values, "crop") <= 1.01 * step)
    }

    @Test("what is cropped away changes nothing: each crop is a part of the whole shrunk picture")
    func everyCrop() throws {
        let picture = try PictureFixtures.picture("rgb.png")
        for (width, height) in [(28, 16), (13, 11), (36, 5), (1, 1)] as [(Int32, Int32)] {
            let whole = try picture.tensor(
                placement(input: (width, height), scaled: (width, height)), .area, mean: mean, std: std)
            for (left, top) in [(0, 0), (width / 2, height / 3), (width - 1, height - 1)] {
                let (columns, rows) = (width - left, height - top)
                let part = try picture.tensor(
                    placement(input: (columns, rows), scaled: (width, height), left: -left, top: -top), .area,
                    mean: mean, std: std)
                let expected = (0..<3 * rows).flatMap { line -> ArraySlice<Float> in
                    let (channel, y) = line.quotientAndRemainder(dividingBy: rows)
                    let start = Int((channel * height + top + y) * width + left)
                    return whole[start..<(start + Int(columns))]
                }
                #expect(part == expected, "\(left), \(top) of \(width) x \(height)")
            }
        }
    }

    @Test("stretch: enlarged by cubic interpolation")
    func cubic() throws {
        let values = try PictureFixtures.picture("rgb.png").tensor(
            placement(input: (48, 40), scaled: (48, 40)), .cubic, mean: mean, std: std)
        #expect(try largestDifference(values, "cubic") <= 1.01 * step)
    }

    @Test("one channel is the luma of ITU-R BT.601")
    func grey() throws {
        let values = try PictureFixtures.picture("rgb.png").tensor(
            placement(input: (36, 20), scaled: (36, 20)), .area, mean: [0.5], std: [0.25])
        #expect(try largestDifference(values, "grey") <= 1.01 / 255 / 0.25)
    }

    @Test("unscaled pixels are (value / 255 - mean) / std, red first")
    func exactValues() throws {
        let picture = try RawPicture(width: 2, height: 1, red: 255, green: 51, blue: 0)
        let values = try picture.tensor(
            placement(input: (2, 1), scaled: (2, 1)), .area, mean: [0.5, 0.2, 0], std: [0.5, 1, 2])
        #expect(values == [1, 1, 0, 0, 0, 0])
    }

    @Test("a line of pixels is cropped from a scaled picture that would need gigabytes")
    func longLine() throws {
        // Black on the left, white on the right; the crop takes the middle, where they meet.
        let size = 30_000
        var rgb = [UInt8](repeating: 0, count: 3 * size / 2)
        rgb += [UInt8](repeating: 255, count: 3 * size / 2)
        let picture = try RawPicture(decoding: bmp(row: rgb), width: size, height: 1)
        let values = try picture.tensor(
            placement(input: (224, 224), scaled: (7_680_000, 256), left: -3_839_888, top: -16), .area,
            mean: [0, 0, 0], std: [1, 1, 1])
        // 256 columns to a pixel: the edge lies in the middle of the crop, its ramp from -128 to 128 around it.
        let row = Array(values[(100 * 224)..<(101 * 224)])
        #expect(row == row.sorted())
        #expect(abs(row[111] + row[112] - 1) < 0.02)
        #expect(abs(row[223] - row[0] - 223.0 / 256) < 0.02)
    }

    @Test(
        "sizes that make no sense break the header's rules",
        arguments: [
            (COpenCVPlacement(
                input_width: 0, input_height: 4, scaled_width: 4, scaled_height: 4, left: 0, top: 0, padding: 0)),
            (COpenCVPlacement(
                input_width: 4, input_height: 4, scaled_width: 0, scaled_height: 4, left: 0, top: 0, padding: 0)),
            (COpenCVPlacement(
                input_width: 4, input_height: 4, scaled_width: 4, scaled_height: 4, left: 4, top: 0, padding: 0)),
            (COpenCVPlacement(
                input_width: 4, input_height: 4, scaled_width: 4, scaled_height: 4, left: .min, top: .max, padding: 0)),
        ])
    func rules(placement: COpenCVPlacement) throws {
        let picture = try PictureFixtures.picture("rgb.png")
        #expect { try picture.tensor(placement, .linear, mean: mean, std: std) } throws: {
            ($0 as? RawPictureError)?.code == .invalidArgument
        }
    }

    /// A BMP file of one row. Its pixels are grey, so that the order of the channels does not matter.
    private func bmp(row: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let header: [[UInt8]] = [
            Array("BM".utf8), little(54 + row.count, 4), little(0, 4), little(54, 4), little(40, 4),
            little(row.count / 3, 4), little(1, 4), little(1, 2), little(24, 2), little(0, 24),
        ]
        return Array(header.joined()) + row + [0, 0, 0].prefix((4 - row.count % 4) % 4)
    }
}
