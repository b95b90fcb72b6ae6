import ArgumentParser
import Core

extension Assignment: ExpressibleByArgument {}

extension Instance: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
}
