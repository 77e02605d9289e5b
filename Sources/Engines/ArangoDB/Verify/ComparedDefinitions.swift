import Documents

/// Compares what a backup says of a collection, an index, a view or a graph with what a server says: everything that the backup tells, but
/// for numbers that a server makes anew. What a newer server tells beside that is no difference.
enum ComparedDefinitions {
    /// Made anew by every server, of clusters, or of the moment (contract 5, 12, 14).
    static let madeAnew: Set<String> = [
        "id", "cid", "planId", "globallyUniqueId", "objectId", "tempObjectId", "version", "status", "statusString", "deleted", "path",
        "allInSync", "isReady", "planVersion", "shards", "selectivityEstimate", "figures", "isNewlyCreated", "_id", "_rev", "_key",
        "minRevision", "syncByRevision", "usesRevisionsAsDocumentIds", "internalValidatorType", "isSmartChild", "supportsRBAC",
        "revision", "bestIndexedLevel", "worstIndexedLevel", "maxNumCoverCells",
    ]

    struct Difference: Equatable {
        let path: String
        let expected: String
        let actual: String
    }

    /// The same at any depth.
    private static let madeAnewAnywhere: Set<String> = ["lastValue", "objectId", "tempObjectId"]

    /// Right below these the names are people's own, of collections and attributes: there are no others than those of the backup.
    private static let named: Set<String> = ["links", "fields", "nested"]
    /// Everything below these is people's own.
    private static let owned: Set<String> = ["schema"]

    /// Whose names the members of an object have.
    enum Names { case servers, people, peopleBelow }

    /// The first of them; nil: there is none.
    static func difference(_ expected: JSONValue, _ actual: JSONValue, path: String = "", names: Names = .servers) -> Difference? {
        switch (expected, actual) {
        case (.object(let members), .object(let others)):
            let keys = names == .servers ? Set(members.map(\.key)) : Set(members.map(\.key) + others.map(\.key))
            for key in keys.sorted() {
                if path.isEmpty && madeAnew.contains(key) || names == .servers && madeAnewAnywhere.contains(key) { continue }
                let inner = path.isEmpty ? key : "\(path).\(key)"
                // What is null is not there.
                let pair = (expected[key] ?? .null, actual[key] ?? .null)
                let below: Names =
                    names == .peopleBelow || (names == .servers && owned.contains(key))
                    ? .peopleBelow : names == .servers && named.contains(key) ? .people : .servers
                if let difference = difference(pair.0, pair.1, path: inner, names: below) { return difference }
            }
            return nil
        case (.array(let expectedItems), .array(let actualItems)) where expectedItems.count == actualItems.count:
            for (index, pair) in zip(expectedItems, actualItems).enumerated() {
                if let difference = difference(
                    pair.0, pair.1, path: "\(path)[\(index)]", names: names == .peopleBelow ? .peopleBelow : .servers)
                {
                    return difference
                }
            }
            return nil
        default:
            let isSame = expected == actual || (expected.double != nil && expected.double == actual.double)
            return isSame ? nil : Difference(path: path, expected: shortened(expected), actual: shortened(actual))
        }
    }

    private static func shortened(_ value: JSONValue) -> String {
        let text = value.text(.canonical)
        return text.count > 200 ? text.prefix(200) + " …" : text
    }

    /// With those of a graph in one order: servers keep none.
    static func ordered(graph json: JSONValue) -> JSONValue {
        func sorted(_ value: JSONValue?) -> JSONValue {
            .array((value?.array ?? []).sorted { $0.text(.canonical) < $1.text(.canonical) })
        }
        let edges = (json["edgeDefinitions"]?.array ?? []).map { edge in
            JSONValue.object((edge.members ?? []).map { JSONValue.Member($0.key, $0.value.array == nil ? $0.value : sorted($0.value)) })
        }
        return .object(
            (json.members ?? []).map { member in
                switch member.key {
                case "edgeDefinitions": JSONValue.Member(member.key, sorted(.array(edges)))
                case "orphanCollections": JSONValue.Member(member.key, sorted(member.value))
                default: member
                }
            })
    }
}
