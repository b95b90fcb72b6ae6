import ArgumentParser
import Core

extension Assignment: ExpressibleByArgument {}
