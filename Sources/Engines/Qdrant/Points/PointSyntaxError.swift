/// Why an answer about points cannot be read, and at which byte of it.
package struct PointSyntaxError: Error, Hashable, CustomStringConvertible {
    package let problem: String
    package let offset: Int

    package var description: String { "\(problem), at byte \(offset)" }
}
