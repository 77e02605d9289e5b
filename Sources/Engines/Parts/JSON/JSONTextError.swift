/// Why a text of JSON cannot be read, and at which byte of it.
package struct JSONTextError: Error, Hashable, CustomStringConvertible {
    package let problem: String
    package let offset: Int

    package var description: String { "\(problem), at byte \(offset)" }
}
