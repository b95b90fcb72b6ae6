import CTorch
import Foundation
import Testing

/// A network of the C layer, freed once, for tests of that layer on its own.
final class RawNetwork {
    let handle: OpaquePointer

    /// - Parameter input: N,C,H,W; zeros are found out.
    /// - Throws: `RawTorchError`.
    init(_ path: String, input: [Int] = []) throws(RawTorchError) {
        var model: OpaquePointer?
        try check(ctorch_model_load(path, CTorchShape(input), &model))
        handle = try unwrap(model)
    }

    /// A fixture, probed with an input of this shape.
    convenience init(fixture name: String, input: [Int] = []) throws {
        try self.init(TorchFixtures.path(name), input: input)
    }

    deinit { ctorch_model_free(handle) }

    var layers: [CTorchLayer] {
        (0..<ctorch_model_layer_count(handle)).map { ctorch_model_layer(handle, $0) }
    }

    var automaticLayer: String? {
        layers.first { $0.automatic }.map { String(cString: $0.path) }
    }

    var reason: String { String(cString: ctorch_model_layer_reason(handle)) }

    func layer(_ path: String) -> CTorchLayer? {
        layers.first { String(cString: $0.path) == path }
    }

    func plan(
        _ layers: [String] = [], precision: CTorchPrecision = .float32
    ) throws(RawTorchError) -> RawPlan {
        try RawPlan(self, layers: layers, precision: precision)
    }
}

final class RawPlan {
    let handle: OpaquePointer

    fileprivate init(_ network: RawNetwork, layers: [String], precision: CTorchPrecision) throws(RawTorchError) {
        var plan: OpaquePointer?
        let names = layers.map { UnsafePointer<CChar>(strdup($0)) }
        defer { for name in names { free(UnsafeMutablePointer(mutating: name)) } }
        try check(ctorch_plan_make(network.handle, names.compactMap { $0 }, names.count, precision, &plan))
        handle = try unwrap(plan)
    }

    deinit { ctorch_plan_free(handle) }

    func forward(_ input: ReferenceArray) throws(RawTorchError) -> RawPass {
        try RawPass(self, values: input.floats, shape: input.shape)
    }

    func forward(_ values: [Float], shape: [Int]) throws(RawTorchError) -> RawPass {
        try RawPass(self, values: values, shape: shape)
    }
}

final class RawPass {
    private let plan: RawPlan
    private let handle: OpaquePointer

    fileprivate init(_ plan: RawPlan, values: [Float], shape: [Int]) throws(RawTorchError) {
        var pass: OpaquePointer?
        try check(ctorch_plan_forward(plan.handle, values, CTorchShape(shape), &pass))
        self.plan = plan
        handle = try unwrap(pass)
    }

    deinit { ctorch_pass_free(handle) }

    func output() throws(RawTorchError) -> [Float] { try values(ctorch_pass_output) }

    func logits() throws(RawTorchError) -> [Float] { try values(ctorch_pass_logits) }

    private func values(
        _ read: (
            OpaquePointer, UnsafeMutablePointer<CTorchShape>, UnsafeMutablePointer<UnsafePointer<Float>?>
        ) -> OpaquePointer?
    ) throws(RawTorchError) -> [Float] {
        var shape = CTorchShape()
        var values: UnsafePointer<Float>?
        try check(read(handle, &shape, &values))
        return Array(UnsafeBufferPointer(start: values, count: shape.array.reduce(1, *)))
    }

    /// Single elements of the logits that will be explained.
    func differentiate(_ elements: [Int]) throws(RawTorchError) {
        let terms = elements.map { CTorchTerm(element: $0, weight: 1) }
        let status = terms.withUnsafeBufferPointer { terms in
            let targets = terms.indices.compactMap { index in
                terms.baseAddress.map { CTorchTarget(image: 0, terms: $0 + index, term_count: 1) }
            }
            return ctorch_pass_differentiate(handle, targets, targets.count)
        }
        try check(status)
    }

    /// Height and width of a layer's grid.
    func grid(layer: Int) throws(RawTorchError) -> [Int] {
        var (height, width) = (0, 0)
        try check(ctorch_pass_grid(handle, layer, &height, &width))
        return [height, width]
    }

    /// The raw map, row by row.
    func map(
        _ method: CTorchMethod, element: Int, and more: CTorchTerm? = nil, image: Int = 0, layer: Int = 0,
        sign: Float = 1, capacity: Int = 1 << 16
    ) throws(RawTorchError) -> [Float] {
        var map = [Float](repeating: .nan, count: capacity)
        var height = 0
        var width = 0
        var terms = [CTorchTerm(element: element, weight: sign)]
        if let more { terms.append(more) }
        let status = terms.withUnsafeBufferPointer { terms in
            terms.baseAddress.flatMap { first in
                let target = CTorchTarget(image: image, terms: first, term_count: terms.count)
                return ctorch_pass_explain(handle, layer, target, method, capacity, &map, &height, &width)
            }
        }
        try check(status)
        return Array(map.prefix(height * width))
    }
}

struct RawTorchError: Error {
    var code: CTorchCode
    var message: String
}

extension CTorchShape {
    init(_ sizes: [Int]) {
        self.init()
        rank = Int32(sizes.count)
        withUnsafeMutableBytes(of: &self.sizes) { raw in
            for (index, size) in zip(raw.bindMemory(to: Int64.self).indices, sizes) {
                raw.bindMemory(to: Int64.self)[index] = Int64(size)
            }
        }
    }

    var array: [Int] {
        withUnsafeBytes(of: sizes) { raw in raw.bindMemory(to: Int64.self).prefix(Int(rank)).map(Int.init) }
    }
}

private func check(_ status: OpaquePointer?) throws(RawTorchError) {
    guard let status else { return }
    defer { ctorch_status_free(status) }
    throw RawTorchError(
        code: ctorch_status_code(status), message: String(cString: ctorch_status_message(status)))
}

private func unwrap(_ pointer: OpaquePointer?) throws(RawTorchError) -> OpaquePointer {
    guard let pointer else { throw RawTorchError(code: .runtime, message: "success without a result") }
    return pointer
}

/// What `Fixtures/make_fixtures.py` wrote.
enum TorchFixtures {
    static func path(_ name: String) throws -> String {
        let folder = try #require(
            ProcessInfo.processInfo.environment["GRADCAM_FIXTURES"],
            "Set GRADCAM_FIXTURES to the folder of make_fixtures.py, or run script/test.")
        return folder + "/" + name
    }

    static func array(_ name: String) throws -> ReferenceArray {
        try ReferenceArray(contentsOf: path(name + ".npy"))
    }

    static func explained(_ name: String) throws -> Int {
        try Int(#require(array(name + ".class").integers.first))
    }
}

/// The largest difference of two lists, by the expected one's peak; infinite where their lengths differ.
func relativeDifference(_ values: [Float], _ expected: [Float]) -> Float {
    guard values.count == expected.count, let peak = expected.map(abs).max(), peak > 0 else { return .infinity }
    let differences = zip(values, expected).map { abs($0 - $1) / peak }
    return differences.contains { $0.isNaN } ? .infinity : differences.max() ?? .infinity
}
