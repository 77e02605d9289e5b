package import Documents

/// A folder of this machine, from its root.
package struct FolderPath: ScalarValue, Hashable {
    /// Without a slash at its end.
    package let text: String

    package init(scalar text: String) throws(Mistake) {
        var parts = text.split(separator: "/").map(String.init)
        parts.removeAll { $0 == "." }
        guard text.hasPrefix("/"), !parts.isEmpty, !parts.contains("..") else {
            throw Mistake("\(text.quoted) is not \(Self.form)", hint: "write it from the root, as in /srv/qdrant/storage")
        }
        self.text = "/" + parts.joined(separator: "/")
    }

    private init(sample: String) { text = sample }

    package static var form: String { "the path of a folder" }
    package static var placeholder: FolderPath { FolderPath(sample: "/srv/sample") }
    package static var scalarSchema: JSONSchema { .text.adding([.init("pattern", "^/.*[^/.]")]) }
    package var canonical: String { text }
}
