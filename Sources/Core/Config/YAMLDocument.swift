import Foundation
package import SystemPackage
import Yams

/// The keys of a YAML file and the lines that they stand on, for messages that point at them.
package struct YAMLDocument: Sendable {
    package let path: FilePath
    /// Dotted key -> line from 1, for every scalar and sequence.
    private let lines: [String: Int]
    private let values: [String: String]

    /// - Throws: a `ConfigurationError` that names the line where the file is not YAML or not a mapping.
    package init(contentsOf path: FilePath) throws(ConfigurationError) {
        self.path = path
        let text: String
        do {
            text = try String(contentsOfFile: path.string, encoding: .utf8)
        } catch {
            throw Self.error(at: path, line: nil, "cannot be read", "Check that the file exists and may be read.")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            let (line, reason) = Self.explain(error)
            throw Self.error(
                at: path, line: line, "is not valid YAML: \(reason)", "Mind the indentation: spaces, no tabs.")
        } catch {
            throw Self.error(at: path, line: nil, "is not valid YAML", "Mind the indentation: spaces, no tabs.")
        }
        var lines: [String: Int] = [:]
        var values: [String: String] = [:]
        if let root, root.null == nil {
            guard let mapping = root.mapping else {
                throw Self.error(
                    at: path, line: 1, "is not a mapping of keys to values",
                    "Write lines such as `root: /srv/gradcamd`.")
            }
            var open: [(prefix: String, mapping: Node.Mapping)] = [("", mapping)]
            while let (prefix, mapping) = open.popLast() {
                for (key, value) in mapping {
                    let name = prefix + (key.string ?? "?")
                    if let nested = value.mapping {
                        open.append((name + ".", nested))
                    } else {
                        lines[name] = (key.mark ?? value.mark)?.line
                        values[name] = value.string
                    }
                }
            }
        }
        self.lines = lines
        self.values = values
    }

    package var keys: [String] { lines.keys.sorted { (lines[$0] ?? 0, $0) < (lines[$1] ?? 0, $1) } }

    /// The text of a scalar as it stands there; `nil` for sequences and keys that are not there.
    package func text(of key: String) -> String? { values[key] }

    package func contains(_ key: String) -> Bool { lines[key] != nil }

    /// "gradcamd.yaml:12".
    package func place(of key: String) -> String {
        lines[key].map { "\(path):\($0)" } ?? "\(path)"
    }

    private static func explain(_ error: YamlError) -> (line: Int?, reason: String) {
        switch error {
        case .parser(_, let problem, let mark, _), .scanner(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            (context.mark.line, "the same key twice: \(duplicates.map(\.description).joined(separator: ", "))")
        default: (nil, "\(error)")
        }
    }

    private static func error(
        at path: FilePath, line: Int?, _ message: String, _ remedy: String
    ) -> ConfigurationError {
        let place = line.map { "\(path):\($0)" } ?? "\(path)"
        return ConfigurationError(problems: [.init(place: place, key: "", message: message, remedy: remedy)])
    }
}
