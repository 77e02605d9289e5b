import Documents
import Testing

@testable import Engines

@Suite struct ContentDigestTests {
    private func digest(_ lines: String...) throws -> ContentDigest {
        var digest = ContentDigest()
        try digest.add(lines: Array(lines.map { $0 + "\n" }.joined().utf8))
        return digest
    }

    private func canonical(_ text: String) throws -> String {
        var document = CanonicalDocument()
        let bytes = Array(text.utf8)
        try document.read(bytes, 0..<bytes.count)
        return String(decoding: document.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"_key":"1","_id":"c/1","_rev":"_a","b":1,"a":2}"#, #"{"_key":"1","a":2,"b":1}"#),
        (#"{ "a" : [ 1 , 2.0, 1.50, -0.0, 0.0, -0, 1e2, 1E-7 ] }"#, #"{"a":[1,2,1.5,-0.0,0,-0.0,100,1e-07]}"#),
        (
            #"{"n":9223372036854775807,"u":18446744073709551615,"x":123456789012345678901234567890}"#,
            #"{"n":9223372036854775807,"u":18446744073709551615,"x":123456789012345678901234567890}"#
        ),
        (#"{"big":1e400,"tiny":9007199254740993.0}"#, #"{"big":1e400,"tiny":9007199254740992}"#),
        (
            #"{"é":"A\n\"\/","o":{"_id":"kept","_rev":"kept"},"e":{},"l":[]}"#,
            #"{"e":{},"l":[],"o":{"_id":"kept","_rev":"kept"},"é":"A\n\"/"}"#
        ),
        ("{}", "{}"), (#"{"_id":"c/1"}"#, "{}"),
    ])
    func equalDocumentsHaveOneForm(_ text: String, _ form: String) throws { #expect(try canonical(text) == form) }

    @Test func orderOfDocumentsAndAttributesDoesNotMatter() throws {
        let one = try digest(#"{"_key":"1","a":1,"b":{"x":1,"y":2}}"#, #"{"_key":"2"}"#)
        let other = try digest(#"{"_key":"2","_rev":"_z"}"#, #"{"b":{"y":2,"x":1},"_key":"1","a":1.0}"#)
        #expect(one == other && one.text == other.text && one.documents == 2)
        #expect(one.text.count == 64)
    }

    @Test(arguments: [
        #"{"_key":"1","a":2}"#, #"{"_key":"1","a":"1"}"#, #"{"_key":"1"}"#, #"{"_key":"1","a":1,"b":null}"#, #"{"_key":"2","a":1}"#,
        #"{"_key":"1","A":1}"#, #"{"_key":"1","a":[1]}"#, #"{"_key":"1","a":1,"a":1}"#,
    ])
    func anyChangeShows(_ changed: String) throws {
        let original = #"{"_key":"1","a":1}"#
        #expect(try digest(changed).text != digest(original).text)
        #expect(try digest(changed, #"{"_key":"9"}"#).text != digest(original, #"{"_key":"9"}"#).text)
    }

    @Test func zeroHasASign() throws { #expect(try digest(#"{"a":-0.0}"#) != digest(#"{"a":0.0}"#)) }

    @Test func aDocumentTwiceIsNotADocumentOnce() throws {
        #expect(try digest(#"{"_key":"1"}"#, #"{"_key":"1"}"#).text != digest(#"{"_key":"1"}"#).text)
    }

    @Test func partsAddUp() throws {
        var parts = try digest(#"{"_key":"1"}"#)
        parts.combine(try digest(#"{"_key":"2"}"#, #"{"_key":"3"}"#))
        #expect(try parts == digest(#"{"_key":"3"}"#, #"{"_key":"1"}"#, #"{"_key":"2"}"#))
    }

    @Test(arguments: [#"{"a":1"#, "[1]", #"{"a":1}x"#, #"{"a" 1}"#, #"{"a":1,}"#, #"{a:1}"#, "\"text\"", #"{"a":01}"#])
    func whatIsNoDocumentIsRefused(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try canonical(text) }
    }
}
