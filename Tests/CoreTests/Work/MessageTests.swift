import SystemPackage
import Testing

@testable import Core

@Suite("Messages") struct MessageTests {
    @Test("a request by hand needs nothing but the image") func byHand() throws {
        let request = try MessageCoding.decode(WorkerRequest.self, from: #"{"image":"cat.jpg"}"#)
        var expected = WorkerRequest()
        expected.image = RawPath("cat.jpg")
        #expect(request == expected)
        #expect(request.action == .explain && request.top == 1 && request.method == nil)
    }

    @Test("a request and its answers come back as they were") func roundTrip() throws {
        var request = WorkerRequest()
        request.id = "17.1"
        request.tensor = RawPath("x.npy")
        request.targets = ["tabby", "3"]
        request.overlay.colorMap = .inferno
        request.overlay.objects = .sideBySide
        request.detections.iou = 0.5
        request.row = 7
        #expect(try MessageCoding.decode(WorkerRequest.self, from: MessageCoding.line(request)) == request)
        for content: WorkerResponse.Content in [
            .ready(Samples.model), .explained(Samples.explanation()), .inspected(Samples.model),
            .failed(Failure(.diskFull, "Full.", remedy: "Make room.")),
        ] {
            let response = WorkerResponse(id: "17.1", content)
            #expect(try MessageCoding.decode(WorkerResponse.self, from: MessageCoding.line(response)) == response)
        }
    }

    @Test("a message is one line, whatever a name holds") func oneLine() throws {
        var request = WorkerRequest()
        request.image = RawPath("a\nb\u{2028}c\r.jpg")
        let line = try MessageCoding.line(request)
        #expect(line.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(try MessageCoding.decode(WorkerRequest.self, from: String(line.dropLast())) == request)
    }

    @Test("a number that is not finite does not silence the worker") func notFinite() throws {
        var explanation = Samples.explanation(score: .nan)
        explanation.milliseconds.forward = .infinity
        let line = try MessageCoding.line(WorkerResponse(id: "", .explained(explanation)))
        let back = try MessageCoding.decode(WorkerResponse.self, from: line)
        guard case .explained(let read) = back.content else { throw Failure(.internal, "another kind") }
        #expect(read.predictions[0].score.isNaN && read.milliseconds.forward == .infinity)
    }
}
