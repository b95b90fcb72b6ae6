import Testing

@testable import Core

@Suite("Worker replacement") struct WorkerReplacementTests {
    @Test("after so many images, and above so many bytes; 0 is never") func reasons() {
        let both = WorkerReplacement(afterImages: 3, aboveBytes: 1000)
        #expect(both.reason(images: 2, residentBytes: 1000) == nil)
        #expect(both.reason(images: 3, residentBytes: 1000) == .images(3))
        #expect(both.reason(images: 3, residentBytes: 1001) == .memory(bytes: 1001, limit: 1000))
        #expect(both.reason(images: 2, residentBytes: nil) == nil)
        #expect(WorkerReplacement.never.reason(images: .max, residentBytes: .max) == nil)
    }

    @Test("the reason names its setting") func settings() {
        #expect("\(WorkerReplacement.Reason.images(3))".contains("workers.replace_after_images"))
        #expect("\(WorkerReplacement.Reason.memory(bytes: 2, limit: 1))".contains("workers.replace_above_bytes"))
    }
}
