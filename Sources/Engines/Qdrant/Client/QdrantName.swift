import Recovery

/// Names as Qdrant takes them, held against its rules before anything is sent: a server of 1.16 that is told to create a collection named
/// `..` wipes its storage folder.
enum QdrantName {
    /// 1 to 255 bytes, none of these, and neither `.` nor `..` (source of 1.19; recorded on 1.16.3).
    private static let forbidden: Set<Unicode.Scalar> = ["<", ">", ":", "\"", "/", "\\", "|", "?", "*", "\0", "\u{1F}"]

    static let rule = "names of Qdrant have 1 to 255 bytes, without < > : \" / \\ | ? *, and are neither '.' nor '..'"

    /// Throws `Failure(.refused)` for what no server may be asked to touch. `noun` is `collection`, `alias`, `snapshot`.
    static func check(_ name: String, as noun: String = "collection") throws {
        guard let problem = problem(with: name) else { return }
        throw Failure(
            .refused, "'\(name)' cannot be the name of a \(noun): \(problem)",
            hint: rule)
    }

    static func problem(with name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name == "." || name == ".." { return "a server may take it for a folder" }
        if name.utf8.count > 255 { return "it has \(name.utf8.count) bytes" }
        if let scalar = name.unicodeScalars.first(where: { forbidden.contains($0) || $0.value < 0x20 }) {
            return "it holds \(scalar.value < 0x20 ? "a control character" : "'\(scalar)'")"
        }
        return nil
    }
}
