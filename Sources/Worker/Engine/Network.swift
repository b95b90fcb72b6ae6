import CTorch
import Core
import Glibc
import SystemPackage

/// A loaded TorchScript file. Not `Sendable`: it lives on the thread that serves it.
final class Network {
    fileprivate let handle: OpaquePointer

    /// - Parameter input: N,C,H,W to probe with; 0 where it is not known.
    /// - Throws: `Failure` that says what the file is, and what to do to get one of use.
    init(contentsOf file: FilePath, input: [Int]) throws(Failure) {
        var handle: OpaquePointer?
        try Failure.check(ctorch_model_load(file.string, CTorchShape(input), &handle))
        guard let handle else { throw Failure(.internal, "The engine loaded nothing.") }
        self.handle = handle
    }

    deinit { ctorch_model_free(handle) }

    var input: [Int] { ctorch_model_input(handle).array }
    var output: [Int] { ctorch_model_output(handle).array }
    var activation: CTorchActivation { ctorch_model_activation(handle) }
    var logitsFound: Bool { ctorch_model_logits_found(handle) }
    var layerReason: String { String(cString: ctorch_model_layer_reason(handle)) }

    /// Of a detector's feature pyramid, the finest first.
    var levels: [PyramidLayers] {
        (0..<ctorch_model_level_count(handle)).map { index in
            let level = ctorch_model_level(handle, index)
            return PyramidLayers(
                headInput: layer(level.head_input), context: layer(level.context), isPointwise: level.is_pointwise)
        }
    }

    var layers: [ModelDescription.Layer] {
        (0..<ctorch_model_layer_count(handle)).map(layer)
    }

    private func layer(_ index: Int) -> ModelDescription.Layer {
        let layer = ctorch_model_layer(handle, index)
        return ModelDescription.Layer(
            path: String(cString: layer.path), operation: String(cString: layer.operation),
            shape: layer.shape.array, onPath: layer.on_path)
    }

    /// What an exporter put beside the network into the file.
    /// - Returns: `nil` where there is no text of that name.
    static func text(named name: String, in file: FilePath) throws(Failure) -> String? {
        var status: OpaquePointer?
        let bytes = [UInt8](unsafeUninitializedCapacity: longestText) { buffer, count in
            count = 0
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                guard let address = buffer.baseAddress else { return }
                status = ctorch_archive_text(file.string, name, longestText, address, &count)
            }
        }
        try Failure.check(status)
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Ten thousand labels of a hundred characters.
    private static let longestText = 1 << 20
}

/// The layers around a level's head.
struct PyramidLayers {
    /// What everything of the level passes through last.
    let headInput: ModelDescription.Layer
    /// The input of the last block before that.
    let context: ModelDescription.Layer
    /// A single cell of the head's input decides a row.
    let isPointwise: Bool
}

/// A network cut at its target layers, ready to run.
final class NetworkPlan {
    private let handle: OpaquePointer
    let targets: [ModelDescription.Target]

    /// - Parameter layers: dotted paths; empty takes the automatic one.
    init(_ network: Network, layers: [String], precision: Precision) throws(Failure) {
        var handle: OpaquePointer?
        let copies = layers.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        // strdup returns NULL only where memory is out; a NULL in the list is refused by the engine.
        let status = copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
            names.withMemoryRebound(to: UnsafePointer<CChar>.self) { names in
                ctorch_plan_make(
                    network.handle, names.baseAddress, names.count, CTorchPrecision(precision), &handle)
            }
        }
        try Failure.check(status)
        guard let handle else { throw Failure(.internal, "The engine planned nothing.") }
        self.handle = handle
        targets = (0..<ctorch_plan_layer_count(handle)).map { index in
            ModelDescription.Target(
                path: String(cString: ctorch_plan_layer_path(handle, index)),
                shape: ctorch_plan_layer_shape(handle, index).array,
                gradientFlows: ctorch_plan_gradient_flows(handle, index))
        }
    }

    deinit { ctorch_plan_free(handle) }

    /// - Parameters:
    ///   - values: N x C x H x W floats.
    ///   - shape: N,C,H,W.
    func forward(_ values: [Float], shape: [Int]) throws(Failure) -> ForwardPass {
        var pass: OpaquePointer?
        try Failure.check(ctorch_plan_forward(handle, values, CTorchShape(shape), &pass))
        guard let pass else { throw Failure(.internal, "The engine computed nothing.") }
        return ForwardPass(handle: pass)
    }
}

/// What one forward pass left behind.
final class ForwardPass {
    private let handle: OpaquePointer

    fileprivate init(handle: OpaquePointer) { self.handle = handle }

    deinit { ctorch_pass_free(handle) }

    /// The network's output for the first image, row-major, and its shape with N.
    func output() throws(Failure) -> (values: [Float], shape: [Int]) {
        var shape = CTorchShape()
        var values: UnsafePointer<Float>?
        try Failure.check(ctorch_pass_output(handle, &shape, &values))
        return (Self.firstImage(values, shape.array), shape.array)
    }

    /// What is differentiated for the first image, row-major.
    func logits() throws(Failure) -> [Float] {
        var shape = CTorchShape()
        var values: UnsafePointer<Float>?
        try Failure.check(ctorch_pass_logits(handle, &shape, &values))
        return Self.firstImage(values, shape.array)
    }

    private static func firstImage(_ values: UnsafePointer<Float>?, _ shape: [Int]) -> [Float] {
        let count = shape.dropFirst().reduce(1, *)
        return Array(UnsafeBufferPointer(start: values, count: values == nil ? 0 : count))
    }

    /// Says which targets will be explained: what they share is then computed once.
    func differentiate(_ targets: [LogitSum]) throws(Failure) {
        let terms = targets.flatMap(\.engineTerms)
        let status = terms.withUnsafeBufferPointer { terms -> OpaquePointer? in
            guard var next = terms.baseAddress else { return nil }
            let targets = targets.map { target in
                defer { next += target.terms.count }
                return CTorchTarget(image: 0, terms: next, term_count: target.terms.count)
            }
            return ctorch_pass_differentiate(handle, targets, targets.count)
        }
        try Failure.check(status)
    }

    /// The raw map of one target for the first image, before ReLU, on the layer's own grid.
    func explain(_ target: LogitSum, layer: Int, method: SaliencyMethod) throws(Failure) -> HeatMap {
        var (width, height) = (0, 0)
        try Failure.check(ctorch_pass_grid(handle, layer, &height, &width))
        let capacity = width * height
        var status: OpaquePointer?
        let values = [Float](unsafeUninitializedCapacity: capacity) { buffer, count in
            target.engineTerms.withUnsafeBufferPointer { terms in
                guard let address = buffer.baseAddress, let first = terms.baseAddress else { return }
                let target = CTorchTarget(image: 0, terms: first, term_count: terms.count)
                status = ctorch_pass_explain(
                    handle, layer, target, CTorchMethod(method), capacity, address, &height, &width)
            }
            count = status == nil ? capacity : 0
        }
        try Failure.check(status)
        return HeatMap(width: width, height: height, values: values)
    }
}

/// What is explained: a weighted sum of elements of the logits.
struct LogitSum: Equatable {
    struct Term: Equatable {
        /// Row-major, of one image.
        var element: Int
        var weight: Float
    }

    /// At least one.
    var terms: [Term]

    init(terms: [Term]) { self.terms = terms }

    /// - Parameter weight: -1 explains the negative class of a network with a single output.
    init(element: Int, weight: Float = 1) { terms = [Term(element: element, weight: weight)] }

    fileprivate var engineTerms: [CTorchTerm] { terms.map { CTorchTerm(element: $0.element, weight: $0.weight) } }
}

extension CTorchShape {
    init(_ sizes: [Int]) {
        self.init()
        rank = Int32(sizes.count)
        withUnsafeMutableBytes(of: &self.sizes) { raw in
            let slots = raw.bindMemory(to: Int64.self)
            for (index, size) in sizes.prefix(slots.count).enumerated() { slots[index] = Int64(size) }
        }
    }

    var array: [Int] {
        withUnsafeBytes(of: sizes) { raw in
            raw.bindMemory(to: Int64.self).prefix(Int(max(0, rank))).map { Int($0) }
        }
    }
}

extension CTorchPrecision {
    init(_ precision: Precision) {
        self =
            switch precision {
            case .float32: .float32
            case .bfloat16: .bFloat16
            }
    }
}

extension CTorchMethod {
    init(_ method: SaliencyMethod) {
        self =
            switch method {
            case .gradCAM: .gradCAM
            case .gradCAMPlusPlus: .gradCAMPlusPlus
            case .hiResCAM: .hiResCAM
            case .layerCAM: .layerCAM
            case .xGradCAM: .xGradCAM
            case .eigenCAM: .eigenCAM
            case .localGradCAM: .localGradCAM
            }
    }
}
