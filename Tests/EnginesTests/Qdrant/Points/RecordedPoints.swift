import FoundationEssentials
import TestSupport

@testable import Engines

/// What real servers answered, where the folder of contracts lies beside the checkout.
enum RecordedPoints {
    private static let folder = Program.checkout + "/../shared/contracts/qdrant"

    static func missing() -> String? {
        FileManager.default.fileExists(atPath: folder + "/CONTRACT.md") ? nil : "no recordings of Qdrant beside the checkout"
    }

    /// The bodies of all good answers whose path ends like that.
    static func answers(_ version: String, to ending: String) throws -> [[UInt8]] {
        try objects("transcripts/\(version)/points.json").compactMap { exchange in
            guard let request = exchange["request"], let response = exchange["response"] else { return nil }
            let path = String(decoding: try members(request)["path"].map(text) ?? [], as: UTF8.self)
            let answer = try members(response)
            guard path.hasSuffix(ending), answer["status"].map({ Array($0) == Array("200".utf8) }) == true else { return nil }
            return try answer["body"].map(text)
        }
    }

    /// The first points of every snapshot of that version, as an answer has them.
    static func firstPoints(_ version: String) throws -> [[UInt8]] {
        try objects("snapshots/\(version)/index.json").compactMap { $0["first_points"] }.filter { $0.first == UInt8(ascii: "[") }
            .map { enclosed("{\"result\":", $0, "}") }
    }

    /// The golden answers of every snapshot of that version, as an answer to a query has them.
    static func golden(_ version: String) throws -> [[UInt8]] {
        let lists = try objects("snapshots/\(version)/index.json").compactMap { $0["golden"] }
        return try lists.flatMap(items).compactMap { try members($0)["top"] }.map { enclosed("{\"result\":{\"points\":", $0, "}}") }
    }

    static func enclosed(_ before: String, _ bytes: some Collection<UInt8>, _ after: String) -> [UInt8] {
        var all = Array(before.utf8)
        all += bytes
        all += after.utf8
        return all
    }

    private static func objects(_ name: String) throws -> [[String: ArraySlice<UInt8>]] {
        try items([UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(name)")))[...]).map(members)
    }

    private static func items(_ list: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
        var cursor = JSONCursor(Array(list))
        try cursor.enterArray()
        var items: [ArraySlice<UInt8>] = []
        var isFirst = true
        while try cursor.nextItem(isFirst: &isFirst) { items.append(try cursor.verbatim()) }
        return items
    }

    private static func members(_ object: ArraySlice<UInt8>) throws -> [String: ArraySlice<UInt8>] {
        var cursor = JSONCursor(Array(object))
        try cursor.enterObject()
        var members: [String: ArraySlice<UInt8>] = [:]
        var isFirst = true
        while let key = try cursor.nextKey(isFirst: &isFirst) {
            members[String(decoding: key, as: UTF8.self)] = try cursor.verbatim()
        }
        return members
    }

    private static func text(_ value: ArraySlice<UInt8>) throws -> [UInt8] {
        var cursor = JSONCursor(Array(value))
        return try cursor.text()
    }
}

func point(_ json: String) throws -> Point { try Point(reading: Array(json.utf8)[...]) }
