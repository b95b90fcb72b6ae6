import Core

/// Text of a page. What is put into it as a string is escaped and made readable; only `HTML` goes in as it is, so that
/// a name of a file can never become markup.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    let text: String

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    init(_ parts: [HTML]) { text = parts.map(\.text).joined() }

    static let empty: HTML = ""

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ parts: [HTML]) { text += HTML(parts).text }
        mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
        mutating func appendInterpolation(_ string: String) { text += HTML.escaped(string) }
    }

    /// In elements and in quoted attributes alike: https://html.spec.whatwg.org/multipage/syntax.html#attributes-2
    private static func escaped(_ string: String) -> String {
        var text = ""
        for character in string.readable.unicodeScalars {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            // Not allowed in HTML, escaped or not: noncharacters.
            case _ where character.properties.isNoncharacterCodePoint: text += "\u{FFFD}"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}

extension [HTML] {
    func joined(_ separator: HTML) -> HTML { HTML(Array(map { [$0] }.joined(separator: [separator]))) }
}
