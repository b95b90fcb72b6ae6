import Core
import SystemPackage

/// One request from its file to its overlays: decode, preprocess, forward, choose, explain, paint, write.
struct ImageExplainer {
    let model: LoadedModel
    let limits: ImageLimits

    func explain(_ request: WorkerRequest) throws(Failure) -> Explanation {
        guard (1...Claim.maximumOutputs).contains(request.top) else {
            throw Failure(.badRequest, "top must be from 1 to \(Claim.maximumOutputs), not \(request.top).")
        }
        var stopwatch = Stopwatch()
        var milliseconds = Milliseconds()
        let subject = try subject(of: request, &stopwatch, &milliseconds)
        let pass = try model.plan.forward(subject.values, shape: subject.shape)
        let classification = Classification(output: try pass.output(), logits: try pass.logits(), model: model)
        milliseconds.forward = stopwatch.lap()

        let candidates = try classification.candidates(
            targets: request.targets, top: request.top, threshold: request.threshold)
        let saliency = Saliency(model: model, pass: pass, placement: subject.placement, method: request.method)
        var results: [Saliency.Result] = []
        for candidate in candidates { results.append(try saliency.explain(candidate)) }
        milliseconds.explain = stopwatch.lap()

        let painter = OverlayPainter(options: request.overlay, placement: subject.placement)
        let overlays =
            try subject.photograph.map { photograph throws(Failure) in
                try painter.write(photograph, candidates, results, to: request.overlays)
            } ?? []
        let heatMaps = try write(results, to: request.heatMaps)
        milliseconds.write = stopwatch.lap()

        let predictions = zip(candidates, results).map { candidate, result in
            Prediction(
                classIndex: candidate.classIndex, label: candidate.label, score: candidate.score,
                logit: candidate.logit.isFinite ? Double(candidate.logit) : nil, heat: result.heat)
        }
        return Explanation(
            picture: subject.picture, predictions: predictions, notes: saliency.notes, overlays: overlays,
            heatMaps: heatMaps, milliseconds: milliseconds)
    }

    // MARK: - What is explained

    /// The network's input, and what it was made of.
    private struct Subject {
        let values: [Float]
        /// N,C,H,W.
        let shape: [Int]
        /// `nil` for a tensor.
        let photograph: Photograph?
        let picture: Explanation.Picture
        let placement: Placement
    }

    private func subject(
        of request: WorkerRequest, _ stopwatch: inout Stopwatch, _ milliseconds: inout Milliseconds
    ) throws(Failure) -> Subject {
        switch (request.image, request.tensor) {
        case (let image?, nil):
            let (photograph, picture) = try decode(image.path)
            milliseconds.decode = stopwatch.lap()
            let subject = try preprocess(photograph, picture)
            milliseconds.preprocess = stopwatch.lap()
            return subject
        case (nil, let tensor?):
            let subject = try tensorSubject(tensor.path)
            milliseconds.decode = stopwatch.lap()
            return subject
        default:
            throw Failure(.badRequest, "A request needs either image or tensor.")
        }
    }

    private func decode(_ path: FilePath) throws(Failure) -> (Photograph, Explanation.Picture) {
        let bytes = try HostileFile.read(path, limits: limits)
        let header: ImageHeader
        do { header = try ImageHeader(parsing: bytes) } catch { throw Failure(error) }
        do { try limits.check(header) } catch {
            throw Failure(.imageTooLarge, error.message, remedy: error.remedy)
        }
        guard header.isComplete else {
            throw Failure(
                .truncatedImage, "The \(header.format.name) file is cut off: its end is missing.",
                remedy: "Copy the file again: the last copy did not finish.")
        }
        let photograph = try Photograph(decoding: bytes, header: header)
        let picture = Explanation.Picture(
            width: photograph.width, height: photograph.height, format: header.format.rawValue)
        return (photograph, picture)
    }

    private func preprocess(
        _ photograph: Photograph, _ picture: Explanation.Picture
    ) throws(Failure) -> Subject {
        let card = model.card
        let placement = Placement(
            picture: (picture.width, picture.height), input: (model.inputWidth, model.inputHeight),
            mode: card.resize, cropFraction: card.cropFraction)
        let values = try photograph.tensor(
            placement, interpolation: card.interpolation, padding: card.padding, mean: model.perChannel(card.mean),
            std: model.perChannel(card.std))
        return Subject(
            values: values, shape: [1, model.channels, model.inputHeight, model.inputWidth], photograph: photograph,
            picture: picture, placement: placement)
    }

    private func tensorSubject(_ path: FilePath) throws(Failure) -> Subject {
        let array = try NumpyFile(parsing: HostileFile.read(path, limits: limits))
        guard array.shape.count == 4, array.shape[0] == 1, array.shape.allSatisfy({ $0 > 0 }) else {
            throw Failure(
                .badTensor, "The tensor has the shape \(array.shape).", remedy: "It must be N,C,H,W with N = 1.")
        }
        let size = (width: array.shape[3], height: array.shape[2])
        return Subject(
            values: array.values, shape: array.shape, photograph: nil,
            picture: Explanation.Picture(width: size.width, height: size.height, format: "tensor"),
            placement: Placement(picture: size, input: size, mode: .stretch))
    }

    // MARK: - Raw maps

    private func write(_ results: [Saliency.Result], to paths: [RawPath]) throws(Failure) -> [RawPath] {
        var written: [RawPath] = []
        for (result, path) in zip(results, paths) {
            let bytes = NumpyFile(shape: [result.raw.height, result.raw.width], values: result.raw.values).bytes
            var failure: Failure?
            bytes.withUnsafeBytes { buffer in
                do throws(Failure) { try OutputFile.write(buffer, to: path.path) } catch { failure = error }
            }
            if let failure { throw failure }
            written.append(path)
        }
        return written
    }
}

extension Failure {
    fileprivate init(_ error: ImageHeaderError) {
        let code: Code =
            switch error {
            case .notAnImage: .notAnImage
            case .unsupported: .unsupportedImage
            case .damaged: .damagedImage
            case .truncated: .truncatedImage
            }
        self.init(code, error.message, remedy: error.remedy)
    }
}
