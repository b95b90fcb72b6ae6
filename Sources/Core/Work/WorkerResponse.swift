/// One line of JSON from gradcam-worker: `ready` or `failed` once at its start, then one line for each request.
package struct WorkerResponse: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        /// The network is loaded and cut; requests are read from now on.
        case ready(ModelDescription)
        case explained(Explanation)
        case inspected(ModelDescription)
        case failed(Failure)
    }

    package var version = WorkerRequest.version
    /// Of the request; empty at the start.
    package var id: String
    package var content: Content

    package init(id: String, _ content: Content) {
        self.id = id
        self.content = content
    }
}

extension WorkerResponse: Codable {
    private enum Kind: String, Codable { case ready, explained, inspected, failed }
    private enum CodingKeys: String, CodingKey { case version, id, kind, model, explanation, failure }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        version = try container.decode(Int.self, forKey: .version)
        id = try container.decode(String.self, forKey: .id)
        content =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .ready: .ready(try container.decode(ModelDescription.self, forKey: .model))
            case .explained: .explained(try container.decode(Explanation.self, forKey: .explanation))
            case .inspected: .inspected(try container.decode(ModelDescription.self, forKey: .model))
            case .failed: .failed(try container.decode(Failure.self, forKey: .failure))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(id, forKey: .id)
        switch content {
        case .ready(let model):
            try container.encode(Kind.ready, forKey: .kind)
            try container.encode(model, forKey: .model)
        case .explained(let explanation):
            try container.encode(Kind.explained, forKey: .kind)
            try container.encode(explanation, forKey: .explanation)
        case .inspected(let model):
            try container.encode(Kind.inspected, forKey: .kind)
            try container.encode(model, forKey: .model)
        case .failed(let failure):
            try container.encode(Kind.failed, forKey: .kind)
            try container.encode(failure, forKey: .failure)
        }
    }
}
