import Documents
import Testing

@testable import Engines

@Suite struct ComparedDefinitionsTests {
    private func difference(_ expected: String, _ actual: String) throws -> String? {
        let found = ComparedDefinitions.difference(try JSONValue(parsing: expected), try JSONValue(parsing: actual))
        return found.map { "\($0.path): \($0.expected) / \($0.actual)" }
    }

    @Test(arguments: [
        (#"{"a":1,"id":"5"}"#, #"{"a":1.0,"id":"6","new":true}"#), (#"{"a":null}"#, "{}"), ("{}", #"{"a":1}"#),
        (#"{"l":[{"objectId":1,"x":2}]}"#, #"{"l":[{"objectId":9,"x":2}]}"#),
        (#"{"keyOptions":{"type":"padded","lastValue":7}}"#, #"{"keyOptions":{"type":"padded","lastValue":9}}"#),
        // A newer server has made up its mind about more of an analyzer.
        (#"{"type":"text","properties":{"locale":"de"}}"#, #"{"type":"text","properties":{"locale":"de","stemming":true}}"#),
        (#"{"links":{"books":{"fields":{}}}}"#, #"{"links":{"books":{"fields":{},"cache":false}}}"#),
    ])
    func whatServersMakeAnewIsNoDifference(_ expected: String, _ actual: String) throws { #expect(try difference(expected, actual) == nil) }

    @Test(arguments: [
        (#"{"a":{"b":[1,2]}}"#, #"{"a":{"b":[1,3]}}"#, "a.b[1]: 2 / 3"), (#"{"a":1}"#, "{}", "a: 1 / null"),
        (#"{"a":[1]}"#, #"{"a":[1,2]}"#, "a: [1] / [1,2]"),
        // Names that servers use too, where they are people's own.
        (#"{"links":{"books":{"fields":{"status":{}}}}}"#, #"{"links":{"books":{"fields":{}}}}"#, "links.books.fields.status: {} / null"),
        (#"{"links":{"books":{}}}"#, #"{"links":{"books":{},"id":{}}}"#, "links.id: null / {}"),
        (
            #"{"schema":{"rule":{"properties":{"status":{"type":"string"}}}}}"#,
            #"{"schema":{"rule":{"properties":{"status":{"type":"number"}}}}}"#,
            "schema.rule.properties.status.type: \"string\" / \"number\""
        ), (#"{"a":true}"#, #"{"a":"true"}"#, "a: true / \"true\""),
    ])
    func everythingElseIs(_ expected: String, _ actual: String, _ words: String) throws {
        #expect(try difference(expected, actual) == words)
    }

    @Test func aGraphHasNoOrder() throws {
        let one = try JSONValue(
            parsing: #"{"edgeDefinitions":[{"collection":"a","from":["x","y"],"to":["z"]},{"collection":"b","from":[],"to":[]}]}"#)
        let other = try JSONValue(
            parsing: #"{"edgeDefinitions":[{"collection":"b","from":[],"to":[]},{"collection":"a","from":["y","x"],"to":["z"]}]}"#)
        #expect(ComparedDefinitions.ordered(graph: one) == ComparedDefinitions.ordered(graph: other))
    }
}
