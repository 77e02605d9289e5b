import Bindings
import FoundationEssentials
import Testing

@testable import Documents

/// Invalid/NAME.yaml is refused with exactly the words of Invalid/NAME.txt.
@Suite struct InvalidDocumentsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Invalid")

    private static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    private static let reading = Reading(namespaces: ["input", "step"]) { namespace, name in
        let values = namespace == "input" ? ["database": "orders", "limit": "2h"] : [:]
        return values[name].map { .value($0) } ?? .unknown(candidates: values.keys.sorted())
    }

    @Test(arguments: names) func isExplained(name: String) throws {
        let file = Self.folder.appending(path: name)
        let bytes = try Data(contentsOf: file.appendingPathExtension("yaml"))
        let error = #expect(throws: InvalidDocument.self) {
            try Document(bytes, name: "\(name).yaml").read(as: SampleDocument.self, Self.reading)
        }
        let words = (error?.rendered() ?? "") + "\n"
        if ProcessInfo.processInfo.environment["RECORD"] != nil { try Data(words.utf8).write(to: file.appendingPathExtension("txt")) }
        let expected = try String(decoding: Data(contentsOf: file.appendingPathExtension("txt")), as: UTF8.self)
        #expect(words == expected)
        #expect(!words.contains("hunter2"))
    }
}
