/// How a policy wants a target captured. What it leaves out the engine chooses.
package struct CaptureOptions: Sendable, Equatable {
    /// How much is read at a time.
    package var jobs: Int?
    package var compression: DumpCompression?
    /// What has its content compared after a restore, not only counted.
    package var fingerprint: [ContentPattern]
    /// Of engines whose targets hold collections: which of them, and how.
    package var collections: CollectionOptions
    /// The engine's own program that makes the dump, where lifeboat would make it itself.
    package var tool: CaptureTool?

    package init(
        jobs: Int? = nil, compression: DumpCompression? = nil, fingerprint: [ContentPattern] = [],
        collections: CollectionOptions = .standard, tool: CaptureTool? = nil
    ) {
        self.tool = tool
        self.jobs = jobs
        self.compression = compression
        self.fingerprint = fingerprint
        self.collections = collections
    }

    package static let standard = CaptureOptions()
}

extension CaptureOptions {
    /// What a policy's target is given that its engine cannot do.
    package struct Refusal: Sendable, Equatable {
        /// As it is written at the policy's target.
        package enum Key: String, Sendable { case jobs, compression, fingerprint, collections, tool }

        package let key: Key
        package let problem: String
        package let hint: String

        package init(_ key: Key, _ problem: String, hint: String) {
            (self.key, self.problem, self.hint) = (key, problem, hint)
        }

        package var failure: Failure { Failure(.configuration, problem, hint: hint) }

        /// What an engine refuses whose dumps no other tool makes.
        package static func ofTool(_ options: CaptureOptions, target: String) -> [Refusal] {
            guard let tool = options.tool else { return [] }
            return [
                Refusal(
                    .tool, "the policy wants target '\(target)' captured by \(tool.rawValue), which is a tool of ArangoDB",
                    hint: "leave out `tool:`")
            ]
        }
    }
}

/// Which collections of a target are captured, and how.
package struct CollectionOptions: Sendable, Equatable {
    /// Names, with `*` for any characters; empty: all.
    package var include: [String]
    package var exclude: [String]
    /// Left out unless somebody asks for all.
    package var isPrivate: [String]
    /// `isPrivate` leaves out nothing in this capture.
    package var takesPrivate: Bool
    package var way: CaptureWay?
    /// Queries kept with their answers, per collection and kind of vector; nil: as many as the engine thinks right.
    package var goldenQueries: Int?
    /// What made the vectors, by name of collection, with `*`.
    package var embeddings: [(pattern: String, embedding: Embedding)]

    package init(
        include: [String] = [], exclude: [String] = [], isPrivate: [String] = [], takesPrivate: Bool = false, way: CaptureWay? = nil,
        goldenQueries: Int? = nil, embeddings: [(pattern: String, embedding: Embedding)] = []
    ) {
        self.include = include
        self.exclude = exclude
        self.isPrivate = isPrivate
        self.takesPrivate = takesPrivate
        self.way = way
        self.goldenQueries = goldenQueries
        self.embeddings = embeddings
    }

    package static let standard = CollectionOptions()

    package static func == (a: CollectionOptions, b: CollectionOptions) -> Bool {
        a.include == b.include && a.exclude == b.exclude && a.isPrivate == b.isPrivate && a.takesPrivate == b.takesPrivate && a.way == b.way
            && a.goldenQueries == b.goldenQueries && a.embeddings.map(\.pattern) == b.embeddings.map(\.pattern)
            && a.embeddings.map(\.embedding) == b.embeddings.map(\.embedding)
    }
}
