import Configuration
import SystemPackage

/// Reads typed settings through the layers and collects every problem instead of stopping at the first.
///
/// The layers are command line, environment, file, defaults. Every key is *required*, with the defaults as the last
/// provider: swift-configuration's `int(forKey:default:)` takes a value that it cannot convert for an absent one.
struct SettingsReader {
    private let reader: ConfigReader
    private let document: YAMLDocument?
    private let arguments: [String: String]
    private let environment: [String: String]
    private let environmentPrefix: String
    private var known: Set<String> = []
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameters:
    ///   - document: the file; its unknown keys are problems.
    ///   - arguments: from dotted keys to text, as `--set` gives them.
    ///   - environment: all variables; those that begin with `environmentPrefix` and `_` count.
    init(
        document: YAMLDocument?, arguments: [String: String] = [:], environment: [String: String] = [:],
        environmentPrefix: String = "GRADCAMD", defaults: [AbsoluteConfigKey: ConfigValue]
    ) async throws(ConfigurationError) {
        self.document = document
        self.arguments = arguments
        self.environment = environment
        self.environmentPrefix = environmentPrefix
        // Both are texts to be converted, so one kind of provider serves them.
        let argumentVariables = Dictionary(
            arguments.map { (Self.variable($0.key, prefix: "ARGUMENT"), $0.value) }, uniquingKeysWith: { $1 })
        var providers: [any ConfigProvider] = [
            EnvironmentVariablesProvider(environmentVariables: argumentVariables).prefixKeys(with: "argument"),
            EnvironmentVariablesProvider(environmentVariables: environment)
                .prefixKeys(with: ConfigKey(environmentPrefix.lowercased())),
        ]
        if let document {
            do {
                providers.append(try await FileProvider<YAMLSnapshot>(filePath: document.path))
            } catch {
                throw ConfigurationError(problems: [
                    .init(
                        place: "\(document.path)", key: "", message: "cannot be used: \(error)",
                        remedy: "Lists hold plain values only.")
                ])
            }
        }
        providers.append(InMemoryProvider(name: "defaults", values: defaults))
        reader = ConfigReader(providers: providers)
    }

    mutating func int(
        _ key: String, in range: ClosedRange<Int>, expecting expectation: String = "must be a whole number"
    ) -> Int {
        let value = required(key, expectation) { try $0.requiredInt(forKey: $1) }
        guard let value else { return range.lowerBound }
        if !range.contains(value) {
            report(key, "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        return value
    }

    /// - Returns: `nil` for "auto".
    mutating func intUnlessAuto(_ key: String, in range: ClosedRange<Int>) -> Int? {
        isAuto(key) ? nil : int(key, in: range, expecting: "must be a whole number or auto")
    }

    mutating func double(_ key: String, in range: ClosedRange<Double>) -> Double {
        let value = required(key, "must be a number") { try $0.requiredDouble(forKey: $1) }
        guard let value else { return range.lowerBound }
        if !range.contains(value) {
            report(key, "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
        return value
    }

    /// - Returns: `nil` for "auto".
    mutating func doubleUnlessAuto(_ key: String, in range: ClosedRange<Double>) -> Double? {
        isAuto(key) ? nil : double(key, in: range)
    }

    mutating func bool(_ key: String) -> Bool {
        required(key, "must be true or false") { try $0.requiredBool(forKey: $1) } ?? false
    }

    /// - Returns: `nil` for "auto".
    mutating func boolUnlessAuto(_ key: String) -> Bool? { isAuto(key) ? nil : bool(key) }

    mutating func string(_ key: String) -> String {
        required(key, "must be a text") { try $0.requiredString(forKey: $1) } ?? ""
    }

    mutating func strings(_ key: String) -> [String] {
        required(key, "must be a list") { try $0.requiredStringArray(forKey: $1) } ?? []
    }

    mutating func doubles(_ key: String) -> [Double] {
        required(key, "must be a list of numbers") { try $0.requiredDoubleArray(forKey: $1) } ?? []
    }

    /// One of the names of an enumeration.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ fallback: Choice) -> Choice
    where Choice.RawValue == String {
        let text = string(key)
        if let choice = Choice(rawValue: text) { return choice }
        report(key, "is \"\(text)\", which is not known", Self.remedy(choosing: names(of: Choice.self)))
        return fallback
    }

    /// One of the names of an enumeration.
    /// - Returns: `nil` for "auto".
    mutating func choiceUnlessAuto<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice?
    where Choice.RawValue == String {
        let text = string(key)
        if text == Self.auto { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        report(key, "is \"\(text)\", which is not known", Self.remedy(choosing: [Self.auto] + names(of: Choice.self)))
        return nil
    }

    private static let auto = "auto"

    private mutating func isAuto(_ key: String) -> Bool {
        known.insert(key)
        return reader.string(forKey: Self.path(of: key)) == Self.auto
    }

    private func names<Choice: RawRepresentable & CaseIterable>(of: Choice.Type) -> [String]
    where Choice.RawValue == String { Choice.allCases.map(\.rawValue) }

    private static func remedy(choosing names: [String]) -> String {
        "Choose one of: \(names.joined(separator: ", "))."
    }

    private static func path(of key: String) -> ConfigKey { ConfigKey(key.split(separator: ".").map(String.init)) }

    /// An absolute path: the daemon's working directory is not the person's.
    mutating func absolutePath(_ key: String) -> FilePath {
        let path = FilePath(string(key))
        if path.isEmpty {
            report(key, "is missing", "Write it into the file, or give it as --set \(key)=/…")
        } else if path.isRelative {
            report(key, "must be an absolute path, not \"\(path)\"", "Begin it with a slash.")
        }
        return path.lexicallyNormalized()
    }

    /// - Returns: `nil` for an empty text.
    mutating func absolutePathUnlessEmpty(_ key: String) -> FilePath? {
        string(key).isEmpty ? nil : absolutePath(key)
    }

    mutating func report(_ key: String, _ message: String, _ remedy: String = "") {
        problems.append(.init(place: place(of: key), key: key, message: message, remedy: remedy))
    }

    /// Reports the keys of the file and of `--set` that nobody asked for; then throws where anything was wrong.
    mutating func finish() throws(ConfigurationError) {
        for key in (document?.keys ?? []) + arguments.keys.sorted() where !known.contains(key) {
            let near = known.min { Self.distance($0, key) < Self.distance($1, key) }
            let hint = near.flatMap { Self.distance($0, key) <= 4 ? "Did you mean \($0)?" : nil }
            report(key, "is not a setting", hint ?? "Remove the line; the man page lists all settings.")
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    }

    private mutating func required<Value>(
        _ key: String, _ expectation: String, _ read: (ConfigReader, ConfigKey) throws -> Value
    ) -> Value? {
        known.insert(key)
        do {
            return try read(reader, Self.path(of: key))
        } catch {
            let text = arguments[key] ?? environment[variable(key)] ?? document?.text(of: key)
            report(key, expectation + (text.map { ", not \"\($0.readable)\"" } ?? ""))
            return nil
        }
    }

    private func place(of key: String) -> String {
        if arguments[key] != nil { return "--set \(key)" }
        if environment[variable(key)] != nil { return "environment \(variable(key))" }
        return document?.place(of: key) ?? "settings"
    }

    private func variable(_ key: String) -> String { Self.variable(key, prefix: environmentPrefix) }

    private static func variable(_ key: String, prefix: String) -> String {
        prefix + "_" + key.uppercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    }

    /// Edits that turn one name into the other (Levenshtein 1966).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = previous + (a == b ? 0 : 1)
                previous = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
