import Documents
import Recovery

/// The names of accounts in lines of `_users`.
enum AccountNames {
    /// - Parameter bytes: whole lines.
    static func read(_ bytes: [UInt8]) throws -> Set<String> {
        var names: Set<String> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.count > 1 {
            guard let json = try? JSONValue(parsing: line) else {
                throw Failure(
                    .damaged, "a line of collection '_users' in the dump is no document",
                    hint: "choose another backup; `lifeboat arangodb verify-dump` tells what else is wrong with this one")
            }
            if let name = (json["_key"]?.string != nil ? json : json["data"])?["user"]?.string { names.insert(name) }
        }
        return names
    }
}
