/// What one store calls a thing that another one keeps: in the form in which two of them are equal or not, however they were written.
package enum Identifier: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A whole number, signed or not, of up to 127 bits.
        case number
        case uuid
        case text
    }

    case number(Int128)
    case uuid(UInt128)
    case text(String)

    package var kind: Kind {
        switch self {
        case .number: .number
        case .uuid: .uuid
        case .text: .text
        }
    }

    /// The same identifier as a place writes it that knows only these kinds; nil when none of them can be it.
    ///
    /// A text stands for a number where it is exactly how that number is written, and for a UUID in any of the forms of one. A number and a
    /// UUID stand for their texts, the UUID hyphenated in lower case. A number is never a UUID.
    package func form(in kinds: Set<Kind>) -> Identifier? {
        if kinds.contains(kind) { return self }
        switch self {
        case .number, .uuid: return kinds.contains(.text) ? .text(description) : nil
        case .text(let text):
            if kinds.contains(.number), let number = Int128(text), String(number) == text { return .number(number) }
            return kinds.contains(.uuid) ? UUIDText.value(of: text).map(Identifier.uuid) : nil
        }
    }

    /// Whether anything of the first kinds can be found among the second.
    package static func areComparable(_ from: Set<Kind>, _ to: Set<Kind>) -> Bool {
        !from.isDisjoint(with: to) || from.contains(.text) || to.contains(.text)
    }
}

extension Identifier: Hashable {
    /// Texts byte by byte, as stores compare them: to Swift two spellings of `é` are equal.
    package static func == (one: Identifier, other: Identifier) -> Bool {
        switch (one, other) {
        case (.number(let a), .number(let b)): a == b
        case (.uuid(let a), .uuid(let b)): a == b
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        case (.number, _), (.uuid, _), (.text, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number)
        case .uuid(let value): hasher.combine(value)
        case .text(let text): for byte in text.utf8 { hasher.combine(byte) }
        }
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String {
        switch self {
        case .number(let number): String(number)
        case .uuid(let value): UUIDText.text(of: value)
        case .text(let text): text
        }
    }
}

/// What lies where an identifier is expected.
package enum IdentifierValue: Sendable, Hashable {
    case identifier(Identifier)
    /// Nothing: NULL, or a field that is not there.
    case null
    /// What cannot identify anything, as it stands there: `true`, `1.5`.
    case other(String)
}
