import Documents

extension Shape {
    /// One database of `lifeboat arangodb verify-dump`.
    static let dump = object(
        [("folder", .string()), ("sound", .boolean), ("checks", .array(of: .reference("#/$defs/check")))],
        optional: [
            ("failure", failure), ("database", .string()), ("createdAt", .string()), ("collections", .array(of: dumpedCollection)),
            ("views", .array(of: texts(["name", "type"]))), ("graphs", .array(of: .string())), ("notes", .array(of: .string())),
        ])

    private static let dumpedCollection = object([
        ("name", .string()), ("edges", .boolean), ("system", .boolean), ("whole", .boolean), ("documents", count), ("bytes", count),
        ("files", .array(of: .string())),
        (
            "indexes",
            .array(of: object([("type", .string()), ("fields", .array(of: .string()))], optional: [("name", .string())]))
        ), ("danglingEnds", count), ("outsideEnds", count),
    ])
}
