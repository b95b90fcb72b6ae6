/// Of the three programs together.
package enum Version {
    package static let current = "0.1.0"
}
