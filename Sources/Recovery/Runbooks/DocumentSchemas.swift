internal import Bindings
package import Documents

/// The published JSON Schemas of documents that hold steps; they come from the declarations that also read them.
extension StepRegistry {
    package func runbookSchema(id: String) -> JSONValue {
        Self.withSteps(Runbook.fields.schema(expanding: true), under: ["steps", "always"])
            .document(id: id, title: "A runbook of Lifeboat", definitions: [("step", stepSchema)])
    }

    package func drillSchema(id: String) -> JSONValue {
        Self.withSteps(DrillDocument.fields.schema(expanding: false), under: ["given", "across"])
            .document(id: id, title: "A drill of Lifeboat", definitions: [("step", stepSchema)])
    }

    /// A frame and exactly one action.
    private var stepSchema: JSONSchema {
        let actions: [(key: String, schema: JSONSchema)] = kinds.compactMap { kind in
            self[kind].map { type in (key: kind, schema: type.schema(expanding: true).described(type.summary)) }
        }
        return StepDocument.fields.schema(expanding: true).addingProperties(actions).adding([
            .init("oneOf", .array(kinds.map { JSONSchema.requiring([$0]).json }))
        ])
    }

    private static func withSteps(_ schema: JSONSchema, under keys: [String]) -> JSONSchema {
        let steps = JSONSchema.array(of: .reference("#/$defs/step"))
        let properties = (schema.json["properties"]?.members ?? []).map { member in
            guard keys.contains(member.key) else { return member }
            let kept = (member.value.members ?? []).filter { ["description", "default", "minItems"].contains($0.key) }
            return JSONValue.Member(member.key, steps.adding(kept).json)
        }
        return schema.adding([.init("properties", .object(properties))])
    }

    /// The reference of every step as Markdown, for the README and `lifeboat help steps`.
    package func reference() -> String {
        kinds.compactMap { kind in
            self[kind].map { type in "### `\(kind)`\n\n\(type.summary)\n\n\(type.fields.reference())" }
        }.joined(separator: "\n")
    }
}
