import Documents

extension JSONCursor {
    /// Passes a number. What follows it is the business of whoever called.
    mutating func skipNumber() throws(JSONSyntaxError) { position = try endOfNumber() }

    private func endOfNumber() throws(JSONSyntaxError) -> Int {
        let text = bytes.span
        var at = position
        if at < end, text[at] == UInt8(ascii: "-") { at += 1 }
        guard at < end, text[at].isDigit else { throw failure(at == end ? "the text ends too early" : "expected a value", at: at) }
        if text[at] == UInt8(ascii: "0") {
            at += 1
        } else {
            while at < end, text[at].isDigit { at += 1 }
        }
        if at < end, text[at] == UInt8(ascii: ".") {
            at += 1
            guard at < end, text[at].isDigit else { throw failure("expected a digit", at: at) }
            while at < end, text[at].isDigit { at += 1 }
        }
        if at < end, text[at] | 32 == UInt8(ascii: "e") {
            at += 1
            if at < end, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
            guard at < end, text[at].isDigit else { throw failure("expected a digit", at: at) }
            while at < end, text[at].isDigit { at += 1 }
        }
        return at
    }

    /// The whole number ahead that fits 64 bits without a sign; nil if it is another number.
    mutating func unsigned() throws(JSONSyntaxError) -> UInt64? {
        let start = position
        try skipNumber()
        // Swift reads -0 as 0; the server calls it a floating number.
        return bytes[start] == UInt8(ascii: "-") ? nil : UInt64(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// The float32 that is nearest to the number ahead; an infinity if the number is beyond all of them.
    mutating func float() throws(JSONSyntaxError) -> Float {
        if let short = shortFloat() {
            position = short.end
            return short.value
        }
        let start = position
        try skipNumber()
        guard let value = Float(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw failure("expected a number", at: start)
        }
        return value
    }

    /// The short numbers that vectors consist of: few enough digits and a small enough power of ten to be exact as doubles, so that one
    /// division gives the nearest double (Clinger, 1990). Rounding that to a float32 can only go wrong if it lies exactly between two of
    /// them, since the text may be a hair above or below. Then, and for anything unusual, the answer is nil.
    private func shortFloat() -> (value: Float, end: Int)? {
        let text = bytes.span
        var at = position
        let isNegative = at < end && text[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        let first = at
        var digits: UInt64 = 0
        while at < end, text[at].isDigit {
            digits = digits &* 10 &+ UInt64(text[at] &- 48)
            at += 1
        }
        let point = at
        guard point > first, point == first + 1 || text[first] != UInt8(ascii: "0"), at < end, text[at] == UInt8(ascii: ".") else {
            return nil
        }
        at += 1
        while at < end, text[at].isDigit {
            digits = digits &* 10 &+ UInt64(text[at] &- 48)
            at += 1
        }
        // Nineteen digits and the point: more could have overflowed.
        guard at > point + 1, at - first <= 20, digits <= 1 << 53 else { return nil }
        var power = point + 1 - at
        if at < end, text[at] | 32 == UInt8(ascii: "e") {
            guard let exponent = shortExponent(at + 1) else { return nil }
            power += exponent.value
            at = exponent.end
        }
        guard power >= -22, power <= 22 else { return nil }
        let nearest = power < 0 ? Double(digits) / powersOfTen[-power] : Double(digits) * powersOfTen[power]
        guard nearest.bitPattern & 0x1FFF_FFFF != 0x1000_0000 else { return nil }
        return (Float(isNegative ? -nearest : nearest), at)
    }

    /// An exponent of at most two digits that starts there.
    private func shortExponent(_ start: Int) -> (value: Int, end: Int)? {
        var at = start
        let isNegative = at < end && bytes[at] == UInt8(ascii: "-")
        if at < end, isNegative || bytes[at] == UInt8(ascii: "+") { at += 1 }
        let first = at
        var value = 0
        while at < end, bytes[at].isDigit, at - first < 3 {
            value = value * 10 + Int(bytes[at] - 48)
            at += 1
        }
        guard (1...2).contains(at - first) else { return nil }
        return (isNegative ? -value : value, at)
    }
}

extension UInt8 {
    var isDigit: Bool { self &- 48 < 10 }
}

/// All powers of ten that a double holds exactly.
private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]
