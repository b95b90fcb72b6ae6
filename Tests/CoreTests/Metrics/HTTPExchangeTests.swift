import Testing

@testable import Core

@Suite("HTTP exchange") struct HTTPExchangeTests {
    @Test(
        "requests",
        arguments: [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", HTTPExchange.Request.metrics(isHead: false)),
            ("GET /metrics HTTP/1.0\n\n", .metrics(isHead: false)),
            ("HEAD /metrics?name=up HTTP/1.1\r\n\r\nrest", .metrics(isHead: true)),
            ("GET http://host:9464/metrics HTTP/1.1\r\n\r\n", .metrics(isHead: false)),
            ("POST /metrics HTTP/1.1\r\n\r\n", .refused(.methodNotAllowed)),
            ("GET / HTTP/1.1\r\n\r\n", .refused(.notFound)),
            ("GET /metrics/ HTTP/1.1\r\n\r\n", .refused(.notFound)),
            ("GET /../../etc/passwd HTTP/1.1\r\n\r\n", .refused(.notFound)),
            ("GET /metrics HTTP/2.0\r\n\r\n", .refused(.badRequest)),
            ("GET  /metrics HTTP/1.1\r\n\r\n", .refused(.badRequest)),
            ("GET metrics HTTP/1.1\r\n\r\n", .refused(.badRequest)),
            ("GET /metrics\r\n\r\n", .refused(.badRequest)), ("\r\n\r\n", .refused(.badRequest)),
        ])
    func requests(text: String, request: HTTPExchange.Request) {
        #expect(HTTPExchange.request(in: Array(text.utf8)) == request)
    }

    @Test("what is no text is a bad request") func bytes() {
        #expect(HTTPExchange.request(in: [0xFF, 0x00] + Array("\r\n\r\n".utf8)) == .refused(.badRequest))
    }

    @Test("nothing is answered before the header has ended, and a header has a limit") func pieces() {
        let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        for count in 0..<request.count { #expect(HTTPExchange.request(in: Array(request.prefix(count))) == nil) }
        let endless = Array(repeating: UInt8(ascii: "x"), count: HTTPExchange.maximumRequest)
        #expect(HTTPExchange.request(in: endless.dropLast(1)) == nil)
        #expect(HTTPExchange.request(in: endless) == .refused(.tooLarge))
    }

    @Test("responses") func responses() {
        let date = "Wed, 25 Nov 2026 09:00:00 GMT"
        #expect(
            HTTPExchange.response(.ok, "é\n", date: date)
                == "HTTP/1.1 200 OK\r\nDate: \(date)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                + "Content-Length: 3\r\nConnection: close\r\n\r\né\n")
        #expect(
            HTTPExchange.response(.ok, "é\n", isHead: true, date: date).hasSuffix(
                "Length: 3\r\nConnection: close\r\n\r\n"))
        #expect(HTTPExchange.refusal(.methodNotAllowed, date: date).contains("\r\nAllow: GET, HEAD\r\n"))
    }
}
