/// What a file of a dump is by its name (contract 12).
enum DumpFileKind: Equatable {
    case description
    case encryption
    /// Where arangorestore notes how far it came.
    case progress
    case structure(stem: String)
    case view(stem: String)
    case data(stem: String, variant: Variant, number: Int?)
    /// Documents in the server's own format.
    case velocyPack
    case foreign

    /// How data may be packed; a collection has one of them.
    struct Variant: Hashable {
        /// Of several files that count from 0.
        let isSplit: Bool
        let isPacked: Bool
        let stem: String
    }

    init(_ name: String) {
        switch name {
        case DumpFileNames.description: self = .description
        case DumpFileNames.encryption: self = .encryption
        case "continue.json": self = .progress
        default:
            if let stem = name.without(DumpFileNames.structureEnd) {
                self = .structure(stem: stem)
            } else if let stem = name.without(DumpFileNames.viewEnd) {
                self = .view(stem: stem)
            } else if name.without(".data.vpack") != nil || name.without(".data.vpack.gz") != nil {
                self = .velocyPack
            } else if let stem = name.without(".data.json") {
                self = Self.data(stem, isPacked: false)
            } else if let stem = name.without(".data.json.gz") {
                self = Self.data(stem, isPacked: true)
            } else {
                self = .foreign
            }
        }
    }

    private static func data(_ stem: String, isPacked: Bool) -> Self {
        // Names with dots are not among those that files are called by.
        if let dot = stem.lastIndex(of: "."), let number = Int(stem[stem.index(after: dot)...]), number >= 0 {
            let rest = String(stem[..<dot])
            return .data(stem: rest, variant: Variant(isSplit: true, isPacked: isPacked, stem: rest), number: number)
        }
        return .data(stem: stem, variant: Variant(isSplit: false, isPacked: isPacked, stem: stem), number: nil)
    }
}

extension String {
    /// What stands before an ending; nil if there is another one, or nothing before it.
    fileprivate func without(_ ending: String) -> String? {
        hasSuffix(ending) && count > ending.count ? String(dropLast(ending.count)) : nil
    }
}
