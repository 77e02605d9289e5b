import Recovery

/// The table of contents of a directory dump, read from `toc.dat` itself: exact where `pg_restore --list` is not, since names may hold
/// spaces and line breaks.
package struct DumpContents: Sendable {
    /// What stands before the entries.
    package struct Header: Sendable, Equatable {
        /// Of the file format: 1.14 came with PostgreSQL 12, 1.15 with 16, 1.16 with 17.
        package let formatMajor: Int
        package let formatMinor: Int
        package let database: String?
        /// What the server and pg_dump called themselves: `16.14`, `15.20 (Debian 15.20-0+deb12u1)`.
        package let serverVersion: String?
        package let dumpVersion: String?

        /// The oldest major version of pg_restore that reads this format.
        package var oldestReader: Int { formatMinor <= 14 ? 12 : formatMinor == 15 ? 16 : 17 }
    }

    package struct Entry: Sendable, Equatable {
        package let id: Int
        /// pg_dump's word: `TABLE`, `TABLE DATA`, `INDEX`.
        package let type: String
        /// As it is, without quotes.
        package let schema: String?
        package let tag: String
        package let owner: String?
        /// The data's file in the dump's folder, without the suffix of its compression.
        package let file: String?
    }

    package let header: Header
    package let entries: [Entry]

    /// Throws `Failure(.damaged)` that names the file, `Failure(.unfit)` for a format newer than any known.
    package init(_ bytes: [UInt8], named file: String) throws {
        var reader = TocReader(bytes, named: file)
        header = try Self.header(&reader, file)
        let count = try reader.integer()
        // An entry has at least a dozen texts with a length each.
        guard count >= 0, count <= bytes.count / 40 else { throw reader.damaged("it promises \(count) entries") }
        var entries: [Entry] = []
        for _ in 0..<count { entries.append(try Self.entry(&reader, header)) }
        guard reader.isAtEnd else { throw reader.damaged("something follows its last entry") }
        guard Set(entries.map(\.id)).count == entries.count else { throw reader.damaged("two of its entries have one number") }
        self.entries = entries
    }

    private static func header(_ reader: inout TocReader, _ file: String) throws -> Header {
        for expected in "PGDMP".utf8 {
            guard try reader.byte() == expected else { throw reader.damaged("it is no table of contents of pg_dump") }
        }
        let major = Int(try reader.byte())
        let minor = Int(try reader.byte())
        _ = try reader.byte()
        guard major == 1, minor >= 14 else {
            throw Failure(
                .unfit, "part \(file) has the format \(major).\(minor), which PostgreSQL before 12 wrote; this lifeboat reads 1.14 to 1.16")
        }
        guard minor <= 16 else {
            throw Failure(
                .unfit, "part \(file) has the format \(major).\(minor); this lifeboat reads 1.14 to 1.16", hint: "use a newer lifeboat")
        }
        try reader.integersHave(Int(try reader.byte()))
        _ = try reader.byte()  // the size of file offsets
        _ = try reader.byte()  // tar: so it stands in directory dumps too
        if minor >= 15 { _ = try reader.byte() } else { _ = try reader.integer() }  // compression; the files say it themselves
        for _ in 0..<7 { _ = try reader.integer() }  // when, in somebody's local time
        return Header(
            formatMajor: major, formatMinor: minor, database: try reader.text(), serverVersion: try reader.text(),
            dumpVersion: try reader.text())
    }

    private static func entry(_ reader: inout TocReader, _ header: Header) throws -> Entry {
        let id = try reader.integer()
        _ = try reader.integer()  // whether pg_dump had data for it
        _ = try reader.text()  // catalog
        _ = try reader.text()  // oid
        let tag = try reader.text() ?? ""
        let type = try reader.text() ?? ""
        _ = try reader.integer()  // section
        for _ in 0..<3 { _ = try reader.text() }  // statements: create, drop, copy
        let schema = try reader.text()
        _ = try reader.text()  // tablespace
        _ = try reader.text()  // access method
        if header.formatMinor >= 16 { _ = try reader.integer() }  // kind of relation
        let owner = try reader.text()
        _ = try reader.text()  // WITH OIDS, of old
        while try reader.text() != nil {}  // what it depends on
        let file = try reader.text()
        return Entry(
            id: id, type: type, schema: schema.flatMap { $0.isEmpty ? nil : $0 }, tag: tag, owner: owner,
            file: file.flatMap { $0.isEmpty ? nil : $0 })
    }
}
