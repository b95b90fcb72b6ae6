import SystemPackage

@testable import Core

extension Store {
    func complete(_ id: Int64, _ explanation: Explanation, overlays: [FilePath], run: Int64? = nil) throws {
        try complete([Completion(arrival: id, explanation: explanation, overlays: overlays, run: run)])
    }
}
