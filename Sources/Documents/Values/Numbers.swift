extension Int: ScalarValue {
    package static var form: String { "a whole number" }
    package static var placeholder: Int { 1 }
    package static var scalarSchema: JSONSchema { .integer() }
    package static var mayBeQuoted: Bool { false }

    package init(scalar text: String) throws(Mistake) {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.allSatisfy({ (48...57).contains($0) }), first != 48 || digits.count == 1 else {
            let bare = text.filter { $0.isASCII && $0.isNumber }
            let hint = text.wholeMatch(of: /\+?[0-9][0-9_,' ]*/) == nil || bare.hasPrefix("0") ? nil : "write \(bare.clipped(to: 20))"
            throw Mistake("expected a whole number, found \(text.quoted)", hint: hint)
        }
        guard let number = Int(text) else { throw Mistake("\(text.quoted) is too large a number") }
        self = number
    }

    package var canonical: String { String(self) }
    package var written: JSONValue? { .int(Int64(self)) }
}

extension Double: ScalarValue {
    package static var form: String { "a number" }
    package static var placeholder: Double { 1 }
    package static var scalarSchema: JSONSchema { .number }
    package static var mayBeQuoted: Bool { false }

    package init(scalar text: String) throws(Mistake) {
        guard text.wholeMatch(of: /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]{1,3})?/) != nil, let number = Double(text) else {
            throw Mistake("expected a number, found \(text.quoted)")
        }
        guard number.isFinite else { throw Mistake("\(text.quoted) is too large a number") }
        self = number
    }

    package var canonical: String { self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(self) }
    package var written: JSONValue? { .double(self) }
}

extension Bool: ScalarValue {
    package static var form: String { "true or false" }
    package static var placeholder: Bool { false }
    package static var scalarSchema: JSONSchema { .boolean }
    package static var mayBeQuoted: Bool { false }

    package init(scalar text: String) throws(Mistake) {
        switch text {
        case "true": self = true
        case "false": self = false
        default:
            let meant = [
                "yes": "true", "on": "true", "no": "false", "off": "false", "True": "true", "False": "false", "TRUE": "true",
                "FALSE": "false",
            ][text]
            throw Mistake("expected true or false, found \(text.quoted)", hint: meant.map { "write \($0)" })
        }
    }

    package var canonical: String { self ? "true" : "false" }
    package var written: JSONValue? { .bool(self) }
}
