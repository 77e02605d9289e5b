import Bindings
import Testing

@testable import Documents

@Suite(.timeLimit(.minutes(1))) struct HostileInputTests {
    private func problem(_ bytes: [UInt8]) -> String? {
        do throws(InvalidDocument) {
            _ = try Document(bytes, name: "x.yaml").read(as: SampleDocument.self)
            return nil
        } catch {
            return error.diagnostics.first.map { "\($0.line):\($0.column): \($0.problem)" + ($0.hint.map { " (\($0))" } ?? "") }
        }
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x61, 0x00], "1:1: the file is UTF-16 or UTF-32 (save it as UTF-8)"),
            ([0xFE, 0xFF, 0x00, 0x61], "1:1: the file is UTF-16 or UTF-32 (save it as UTF-8)"),
            (Array("a: b\nc: é".utf8) + [0xFF], "2:5: the file is not valid UTF-8 (save it as UTF-8)"),
            (Array("a: ".utf8) + [0xED, 0xA0, 0x80], "1:4: the file is not valid UTF-8 (save it as UTF-8)"),
            (
                Array("a: x\0y".utf8),
                "1:5: a NUL character is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (
                Array("a: b\n é: \u{1B}[31m".utf8),
                "2:5: the control character U+001B is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (
                Array("a: \u{7F}".utf8),
                "1:4: the control character U+007F is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (
                Array("a: \u{9B}1m".utf8),
                "1:4: the control character U+009B is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (
                Array("a: x\u{2028}y".utf8),
                "1:5: the line separator U+2028 is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (
                Array("a: x\u{85}y".utf8),
                "1:5: the line separator U+0085 is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (
                Array("a: \u{FEFF}x".utf8),
                "1:4: a byte order mark inside the text is not allowed in a document (in a double-quoted text it can be written as an escape)"
            ),
            (Array("a: b\rc: d".utf8), "1:5: a carriage return stands alone (end lines with a line feed)"),
            ([], "1:1: the document is empty"),
        ] as [([UInt8], String)])
    func charactersThatDoNotBelongIntoADocumentAreRefused(bytes: [UInt8], words: String) { #expect(problem(bytes) == words) }

    @Test func aByteOrderMarkAndWindowsLineEndsAreFine() throws {
        let step = try read("\u{FEFF}database: orders\r\ntimeout: 2h\r\n", as: DropDatabase.self)
        #expect(step.timeout == .seconds(7200))
        #expect(
            complaints(about: "\u{FEFF}database: orders\r\ntimeout: 2x\r\n", as: DropDatabase.self)?.hasPrefix(
                "x.yaml:2:10: '2x' is not a duration\n    timeout: 2x\n             ^~\n") == true)
    }

    @Test func aMegabyteAtMost() {
        let text = "sample: a\n" + String(repeating: "#", count: 1 << 20)
        #expect(
            problem(Array(text.utf8)) == "1:1: the file is larger than 1 MiB (documents are written by people; is this the right file?)")
        #expect(problem(Array(text.utf8.prefix(1 << 20))) == nil)
    }

    @Test(arguments: ["[", "{", "- ", "? ", "a: [", "{a: ", "!", "&a ", "|\n ", "'", "\"", "${"])
    func aMegabyteOfTheSameIsRefusedSoon(piece: String) {
        let text = String(String(repeating: piece, count: (1 << 20) / piece.utf8.count))
        #expect(problem(Array(text.utf8)) != nil)
    }

    /// The suite's time limit is the assertion: comparing every key with every other would take minutes.
    @Test func seventyThousandKeysAreReadInOnePass() throws {
        let text = (0..<70_000).map { "key\($0): 1" }.joined(separator: "\n")
        #expect(try read(text, as: Keyed<Name, Int>.self).entries.count == 70_000)
        let error = #expect(throws: InvalidDocument.self) { try read(text, as: DropDatabase.self) }
        #expect(error?.diagnostics.count == 70_001)
        #expect(error?.rendered().hasSuffix("\n… and 69951 more") == true)
    }

    @Test func aVeryLongScalarIsRefusedBriefly() {
        let long = String(repeating: "1a", count: 400_000)
        for words in [
            complaints(about: long, as: Duration.self), complaints(about: long, as: Name.self),
            complaints(about: long, as: EngineName.self),
            complaints(about: "sample: x\n? '\(long)'\n: x", as: SampleDocument.self),
        ] {
            #expect(words.map { $0.utf8.count < 1000 } == true)
        }
    }

    @Test func longTextIsRead() throws {
        #expect(try read("'\(String(repeating: "é", count: 400_000))'", as: String.self).count == 400_000)
    }

    @Test func whatIsShownCannotCommandATerminal() {
        let shown = "a\u{1B}[2J\u{9B}b\u{202E}c\u{2066}d\r\ne\u{7}\u{E0041}".escapedForTerminal()
        #expect(shown == #"a\u{1B}[2J\u{9B}b\u{202E}c\u{2066}d\u{D}\u{A}e\u{7}\u{E0041}"#)
        #expect("a\n\tb\r".escapedForTerminal(keepingLineBreaks: true) == "a\n\tb\\u{D}")
    }

    @Test func aFileNameIsHostileToo() {
        let error = #expect(throws: InvalidDocument.self) { try Document("", name: "\u{1B}[31m.yaml") }
        #expect(error?.rendered() == #"\u{1B}[31m.yaml:1:1: the document is empty"#)
    }
}
