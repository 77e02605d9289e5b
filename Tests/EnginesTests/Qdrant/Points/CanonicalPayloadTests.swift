import Documents
import Testing

@testable import Engines

private func canonical(_ json: String) throws -> String { try CanonicalPayload(json: json.utf8).description }

struct CanonicalPayloadTests {
    @Test(arguments: [
        ("null", "{}"), (" { } ", "{}"),
        (#"{"b":1,"a":[ 1 , {"z":true,"y":null} ]}"#, #"{"a":[1,{"y":null,"z":true}],"b":1}"#),
        (#"{"b":{},"B":[]}"#, #"{"B":[],"b":{}}"#), (#"{"x":1.0}"#, #"{"x":1.0}"#), (#"{"x":1e0}"#, #"{"x":1.0}"#),
        (#"{"x":0.1e1}"#, #"{"x":1.0}"#), (#"{"x":100E-2}"#, #"{"x":1.0}"#), (#"{"x":-0}"#, #"{"x":-0.0}"#),
        (#"{"x":123456789012345678901234567890}"#, #"{"x":123456789012345678901234567890}"#),
        (#"{"x":18446744073709551615,"y":-9223372036854775808}"#, #"{"x":18446744073709551615,"y":-9223372036854775808}"#),
        (#"{"x":"\u00e9\/\u0041\ud83d\ude00"}"#, #"{"x":"é/A😀"}"#), (#"{"x":"\u000a\u0001\"\\\t"}"#, #"{"x":"\n\u0001\"\\\t"}"#),
        (#"{"\u0061":1}"#, #"{"a":1}"#), ("{\"x\":\"\u{7f}\u{2028}\"}", "{\"x\":\"\u{7f}\u{2028}\"}"),
        (#"{"x":0.1,"y":1e308,"z":5e-324}"#, #"{"x":0.1,"y":1e+308,"z":5e-324}"#),
    ])
    func equalPayloadsHaveOneForm(_ json: String, _ form: String) throws {
        #expect(try canonical(json) == form)
        #expect(try canonical(form) == form)
    }

    @Test(arguments: [
        (#"{"x":1}"#, #"{"x":1.0}"#), (#"{"x":0.0}"#, #"{"x":-0.0}"#), (#"{"x":[1,2]}"#, #"{"x":[2,1]}"#), (#"{"x":null}"#, "{}"),
        (#"{"x":"1"}"#, #"{"x":1}"#), (#"{"x":"é"}"#, "{\"x\":\"e\u{301}\"}"), (#"{"x":9007199254740993}"#, #"{"x":9007199254740992}"#),
        (#"{"x":true}"#, #"{"x":false}"#), (#"{"x":[]}"#, #"{"x":{}}"#), (#"{"x":0.1}"#, #"{"x":0.10000000000000002}"#),
        (#"{"x":" "}"#, #"{"x":""}"#),
    ])
    func differentPayloadsHaveDifferentForms(_ one: String, _ two: String) throws {
        #expect(try CanonicalPayload(json: one.utf8) != CanonicalPayload(json: two.utf8))
    }

    @Test(arguments: [
        (#"{"a":1,"\u0061":2}"#, "'a' appears twice in a payload"), (#"{"x":1e999}"#, "the number is too large"),
        ("[1]", "a payload is no object"),
        (#"{"x":{"y":[1}}"#, "expected ',' or ']'"), (#"{"x":tru}"#, "expected a value"),
        (String(repeating: #"{"x":"#, count: 1000), "nested deeper than 256 levels"),
    ])
    func whatIsNoPayloadIsRefused(_ json: String, _ problem: String) {
        #expect(throws: JSONSyntaxError.self) { try canonical(json) }.map { #expect($0.problem == problem) }
    }
}
