import Core
import SystemPackage

/// One request from its file to its overlays: decode, preprocess, forward, choose, explain, paint, write.
struct ImageExplainer {
    let model: LoadedModel
    let limits: ImageLimits
    let watchdog: Watchdog

    func explain(_ request: WorkerRequest) throws(Failure) -> Explanation {
        try check(request)
        var stopwatch = Stopwatch()
        var milliseconds = Milliseconds()
        let subject = try subject(of: request, &stopwatch, &milliseconds)
        do throws(Failure) {
            return try explain(subject, request, &stopwatch, &milliseconds)
        } catch {
            throw error.naming(subject.picture)
        }
    }

    private func explain(
        _ subject: Subject, _ request: WorkerRequest, _ stopwatch: inout Stopwatch, _ milliseconds: inout Milliseconds
    ) throws(Failure) -> Explanation {
        let method = request.method ?? model.defaultMethod
        let pass = try model.plan(for: method).network.forward(subject.values, shape: subject.shape)
        let candidates = try candidates(pass, subject.placement, request)
        milliseconds.forward = stopwatch.lap()

        let saliency = try Saliency(
            model: model, pass: pass, placement: subject.placement, method: method, target: request.detections.target)
        let explained = candidates.prefix(model.detector == nil ? candidates.count : request.detections.explained)
        try saliency.prepare(for: explained)
        var results: [Saliency.Result] = []
        for (index, candidate) in explained.enumerated() {
            let others = candidates.indices.lazy.filter { $0 != index }.compactMap { candidates[$0].object?.box }
            let maps = try saliency.maps(of: candidate)
            milliseconds.backward += stopwatch.lap()
            results.append(saliency.result(of: candidate, maps, others: Array(others)))
            milliseconds.map += stopwatch.lap()
        }
        milliseconds.explain = milliseconds.backward + milliseconds.map

        let painter = OverlayPainter(options: request.overlay, placement: subject.placement)
        let overlays =
            try subject.photograph.map { photograph throws(Failure) in
                try painter.write(photograph, candidates, results, to: request.overlays)
            } ?? OverlayPainter.Written()
        let heatMaps = try write(results, to: request.heatMaps)
        milliseconds.write = stopwatch.lap()
        (milliseconds.encode, milliseconds.sync) = (overlays.encodeMilliseconds, overlays.syncMilliseconds)
        milliseconds.blend = milliseconds.write - milliseconds.encode - milliseconds.sync

        let predictions = candidates.enumerated().map { index, candidate in
            let result = index < results.count ? results[index] : nil
            return Prediction(
                candidate, heat: result?.heat, stride: result?.level.map(model.stride(ofLevel:)),
                overlay: overlays.of(index))
        }
        return Explanation(
            picture: subject.picture, predictions: predictions, isCapped: results.count < candidates.count,
            notes: saliency.notes(on: results), overlays: overlays.paths, heatMaps: heatMaps, milliseconds: milliseconds
        )
    }

    private func check(_ request: WorkerRequest) throws(Failure) {
        for (name, count) in [("top", request.top), ("detections.explained", request.detections.explained)]
        where !(1...Claim.maximumExplained).contains(count) {
            throw Failure(.badRequest, "\(name) must be from 1 to \(Claim.maximumExplained), not \(count).")
        }
        guard (1...DetectionSettings.detectionLimit).contains(request.detections.maxDetections) else {
            throw Failure(
                .badRequest,
                "detections.max_detections must be from 1 to \(DetectionSettings.detectionLimit), not "
                    + "\(request.detections.maxDetections).")
        }
        if request.row != nil, model.detector == nil {
            throw Failure(.badRequest, "A classifier's output has no rows.", remedy: "Name a class with --target.")
        }
    }

    private func candidates(
        _ pass: ForwardPass, _ placement: Placement, _ request: WorkerRequest
    ) throws(Failure) -> [Candidate] {
        let (output, shape) = try pass.output()
        let logits = try pass.logits()
        guard let detector = model.detector else {
            return try Classification(output: output, logits: logits, model: model)
                .candidates(targets: request.targets, top: request.top, threshold: request.threshold)
        }
        return try detector.candidates(
            Detector.Pass(output: output, outputShape: shape, logits: logits, placement: placement),
            settings: request.detections, row: request.row, classes: request.targets)
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
            let (photograph, picture) = try decode(image.path, for: request)
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

    private func decode(
        _ path: FilePath, for request: WorkerRequest
    ) throws(Failure) -> (Photograph, Explanation.Picture) {
        let bytes = try HostileFile.read(path, limits: limits)
        let header = try ImageHeader(of: bytes, limits: limits)
        let photograph: Photograph
        do throws(Failure) {
            let overdue = Failure(
                .decodeOverdue, "Decoding took longer than \(limits.decodeSeconds) s.",
                remedy: "Raise limits.decode_seconds, or send a smaller picture.")
            photograph = try watchdog.limit(
                to: limits.decodeSeconds, orElse: MessageOutput.line(WorkerResponse(id: request.id, .failed(overdue)))
            ) { () throws(Failure) in try Photograph(decoding: bytes, header: header) }
        } catch {
            throw error.naming(
                Explanation.Picture(width: header.width, height: header.height, format: header.format.rawValue))
        }
        let picture = Explanation.Picture(
            width: photograph.width, height: photograph.height, format: header.format.rawValue)
        return (photograph, picture)
    }

    private func preprocess(
        _ photograph: Photograph, _ picture: Explanation.Picture
    ) throws(Failure) -> Subject {
        let placement = model.placement(ofPicture: (picture.width, picture.height))
        let preprocessing = model.preprocessing
        let values = try photograph.tensor(
            placement, interpolation: preprocessing.interpolation, padding: preprocessing.padding,
            mean: model.perChannel(preprocessing.mean), std: model.perChannel(preprocessing.std))
        return Subject(
            values: values, shape: [1, model.channels, placement.inputHeight, placement.inputWidth],
            photograph: photograph, picture: picture, placement: placement)
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

extension Prediction {
    fileprivate init(_ candidate: Candidate, heat: Heat?, stride: Int?, overlay: Int?) {
        self.init(
            classIndex: candidate.classIndex, label: candidate.label, score: candidate.score,
            logit: candidate.value.isFinite ? Double(candidate.value) : nil,
            object: candidate.object.map { object in
                DetectedObject(
                    box: object.box, objectness: object.detected.objectness.map(Double.init),
                    row: object.detected.row, stride: stride)
            },
            heat: heat, overlay: overlay)
    }
}

extension Failure {
    /// Where memory ran out, it matters for what.
    fileprivate func naming(_ picture: Explanation.Picture) -> Failure {
        guard code == .outOfMemory else { return self }
        return Failure(
            .outOfMemory, "There is not enough memory for a picture of \(picture.width) x \(picture.height) pixels.",
            remedy: "Raise limits.worker_memory_bytes, or lower limits.max_pixels so that such pictures are refused.")
    }
}
