/// One request and its answer, as far as a monitoring system needs HTTP/1.1 (RFC 9112): GET and HEAD of /metrics, and
/// the connection is closed afterwards.
package enum HTTPExchange {
    /// The longest request, in bytes.
    package static let maximumRequest = 8 << 10

    package enum Request: Equatable, Sendable {
        case metrics(isHead: Bool)
        /// The answer without asking anybody.
        case refused(Status)
    }

    package enum Status: Int, Sendable {
        case ok = 200
        case badRequest = 400
        case notFound = 404
        case methodNotAllowed = 405
        case timeout = 408
        case tooLarge = 431

        var reason: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .timeout: "Request Timeout"
            case .tooLarge: "Request Header Fields Too Large"
            }
        }
    }

    /// - Returns: `nil` while the empty line that ends a request's header has not come.
    package static func request(in bytes: [UInt8]) -> Request? {
        guard hasEnd(bytes) else { return bytes.count >= maximumRequest ? .refused(.tooLarge) : nil }
        guard let line = String(validating: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) else {
            return .refused(.badRequest)
        }
        let words = (line.hasSuffix("\r") ? line.dropLast() : line[...])
            .split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0", !words[0].isEmpty,
            words[0].allSatisfy({ $0.isASCII && $0.isLetter }), let path = path(of: words[1])
        else { return .refused(.badRequest) }
        guard path == "/metrics" else { return .refused(.notFound) }
        switch words[0] {
        case "GET": return .metrics(isHead: false)
        case "HEAD": return .metrics(isHead: true)
        default: return .refused(.methodNotAllowed)
        }
    }

    /// - Parameter date: as HTTP writes it (RFC 9110, 5.6.7).
    package static func response(_ status: Status, _ body: String, isHead: Bool = false, date: String) -> String {
        let type = status == .ok ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8"
        let allow = status == .methodNotAllowed ? "Allow: GET, HEAD\r\n" : ""
        return "HTTP/1.1 \(status.rawValue) \(status.reason)\r\nDate: \(date)\r\nContent-Type: \(type)\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\(allow)Connection: close\r\n\r\n" + (isHead ? "" : body)
    }

    package static func refusal(_ status: Status, date: String) -> String {
        response(status, "\(status.reason). The metrics are at /metrics.\n", date: date)
    }

    private static func hasEnd(_ bytes: [UInt8]) -> Bool {
        // An empty line, also where line feeds stand alone (RFC 9112, 2.2).
        var isEmpty = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                if isEmpty { return true }
                isEmpty = true
            case UInt8(ascii: "\r"): break
            default: isEmpty = false
            }
        }
        return false
    }

    /// Without the query, and without scheme and host where they are there (RFC 9112, 3.2.2).
    private static func path(of target: Substring) -> Substring? {
        var rest = target
        if rest.lowercased().hasPrefix("http://") {
            rest = rest.dropFirst("http://".count).drop { $0 != "/" }
        }
        guard rest.hasPrefix("/") else { return nil }
        return rest.prefix { $0 != "?" }
    }
}
