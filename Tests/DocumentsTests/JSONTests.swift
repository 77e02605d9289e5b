import FoundationEssentials
import Testing

@testable import Documents

@Suite struct JSONTests {
    @Test(arguments: [
        "null", "true", "-0.5", "9223372036854775807", "-9223372036854775808", "[]", "{}", "[1,[2,{\"a\":null}]]", "{\"b\":1,\"a\":\"x\"}",
        "\"a\\\"\\\\\\n\\t\\u0000\\u001b\\u2028\\u2029\\u202e\\u007fé日🦅\"", "1e+20", "{\"\":[]}",
    ])
    func whatIsReadIsWrittenTheSame(text: String) throws { #expect(try JSONValue(parsing: text).text() == text) }

    @Test(arguments: [
        ("", "the text ends too early", 0), ("[1,]", "expected a value", 3), ("{\"a\":1,}", "expected a key", 7),
        ("[1 2]", "expected ',' or ']'", 3),
        ("{\"a\" 1}", "expected ':'", 5), ("{a:1}", "expected a key", 1), ("01", "text after the end", 1), ("1.", "expected a digit", 2),
        ("+1", "expected a value", 0), (".5", "expected a value", 0), ("NaN", "expected a value", 0), ("nul", "expected a value", 0),
        ("1e999", "the number is too large", 5),
        ("\"a", "a text is not closed", 2), ("\"a\nb\"", "a control character stands in a text", 2), ("\"\\x\"", "unknown escape", 3),
        ("\"\\ud800\"", "a lone surrogate", 7), ("\"\\ud800\\u0041\"", "a lone surrogate", 13), ("\"\\udc00\"", "a lone surrogate", 7),
        ("\"\\u00g0\"", "expected four hexadecimal digits", 5), ("\"\\u００００\"", "expected four hexadecimal digits", 3),
        ("{\"a\":1,\"a\":2}", "key 'a' appears twice", 10), ("\u{FEFF}1", "expected a value", 0), ("1 x", "text after the end", 2),
        ("'a'", "expected a value", 0),
    ])
    func whatIsNotJSONIsRefused(text: String, problem: String, offset: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
        #expect(error == JSONSyntaxError(problem: problem, offset: offset))
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bytes: [UInt8] in [[34, 0xFF, 34], [34, 0xC0, 0x80, 34], [34, 0xED, 0xA0, 0x80, 34], [34, 0xF4, 0x90, 0x80, 0x80, 34]] {
            let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
            #expect(error?.problem == "a text is not UTF-8")
        }
    }

    @Test func nestingWithoutEndIsRefused() {
        for opening in ["[", "{\"a\":"] {
            let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: String(repeating: opening, count: 100_000)) }
            #expect(error?.problem == "nested deeper than 512 levels")
        }
    }

    @Test func wholeNumbersBeyond64BitsBecomeDoubles() throws {
        #expect(try JSONValue(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
    }

    @Test func escapesAreRead() throws {
        #expect(try JSONValue(parsing: #""\u00e9\ud83e\udd85\/\b\f\n\r\t""#) == "é🦅/\u{8}\u{C}\n\r\t")
    }

    @Test func keysAreSortedAndIndentedOnRequest() {
        let value: JSONValue = ["b": [1, true], "a": ["d": nil, "c": []]]
        #expect(value.text(.canonical) == #"{"a":{"c":[],"d":null},"b":[1,true]}"#)
        #expect(
            value.text(.prettySorted) == """
                {
                  "a": {
                    "c": [],
                    "d": null
                  },
                  "b": [
                    1,
                    true
                  ]
                }
                """)
    }

    @Test func itIsCodable() throws {
        let value: JSONValue = ["a": [1, 2.5, "x", nil, true, .int(.max)], "b": [:]]
        #expect(try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value)) == value)
    }
}
