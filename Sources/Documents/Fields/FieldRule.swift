/// How several keys of one mapping go together.
enum FieldRule: Sendable {
    case exactlyOne([String])
    case atLeastOne([String])
    case atMostOne([String])
    case together([String])

    /// What is wrong, given the keys that are there; nil if nothing is.
    func complaint(present: Set<String>) -> String? {
        switch self {
        case .exactlyOne(let keys):
            switch keys.count(where: present.contains) {
            case 0: "one of \(Self.list(keys)) is needed"
            case 1: nil
            default: Self.exclusion(keys.filter(present.contains))
            }
        case .atLeastOne(let keys): keys.contains(where: present.contains) ? nil : "at least one of \(Self.list(keys)) is needed"
        case .atMostOne(let keys): keys.count(where: present.contains) < 2 ? nil : Self.exclusion(keys.filter(present.contains))
        case .together(let keys):
            switch keys.filter({ !present.contains($0) }) {
            case let missing where missing.isEmpty || missing.count == keys.count: nil
            case let missing: "\(Self.list(keys)) belong together; \(Self.list(missing)) is missing"
            }
        }
    }

    var keys: [String] {
        switch self {
        case .exactlyOne(let keys), .atLeastOne(let keys), .atMostOne(let keys), .together(let keys): keys
        }
    }

    var schema: JSONSchema {
        switch self {
        case .exactlyOne(let keys): .oneOf(keys.map { .requiring([$0]) })
        case .atLeastOne(let keys): .anyOf(keys.map { .requiring([$0]) })
        case .atMostOne(let keys):
            .allOf(keys.indices.flatMap { i in keys[(i + 1)...].map { .not(.requiring([keys[i], $0])) } })
        case .together(let keys): .anyOf([.requiring(keys), .not(.anyOf(keys.map { .requiring([$0]) }))])
        }
    }

    static func list(_ keys: [String]) -> String { keys.map(\.quoted).joined(separator: ", ") }
    static func exclusion(_ keys: [String]) -> String { "\(list(keys)) exclude each other; keep one" }
}
