import Core

/// Reads requests from standard input and answers each, one after the other, until the input ends.
struct Session {
    let explainer: ImageExplainer
    let output: MessageOutput

    func run() throws(Failure) {
        while let line = readLine() {
            if line.isEmpty { continue }
            try output.write(answer(to: line))
        }
    }

    private func answer(to line: String) -> WorkerResponse {
        let request: WorkerRequest
        do {
            request = try MessageCoding.decode(WorkerRequest.self, from: line)
        } catch {
            return WorkerResponse(
                id: "",
                .failed(
                    Failure(
                        .badRequest, "The line is no request: \(error).",
                        remedy: #"Write one JSON object a line, at least {"image":"cat.jpg"}."#)))
        }
        do throws(Failure) {
            guard request.version == WorkerRequest.version else {
                throw Failure(
                    .badRequest, "The request has version \(request.version), this worker \(WorkerRequest.version).",
                    remedy: "Install the programs of one release together.")
            }
            switch request.action {
            case .inspect:
                return WorkerResponse(id: request.id, .inspected(explainer.model.description(withLayers: true)))
            case .explain:
                return WorkerResponse(id: request.id, .explained(try explainer.explain(request)))
            }
        } catch {
            return WorkerResponse(id: request.id, .failed(error))
        }
    }
}
