import FoundationEssentials

/// JSON as it leaves the program: sorted keys, and nothing invisible inside. U+2028 and U+2029 end a line in older
/// readers, direction marks change how a line looks in a viewer; both are written as `\uXXXX`, which means the same.
package enum JSONText {
    package enum Shape: Sendable { case pretty, oneLine }

    /// - Throws: `EncodingError`; numbers that JSON does not have are written as the texts `NaN`, `Infinity`, `-Infinity`.
    package static func encode(_ value: some Encodable, _ shape: Shape) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            shape == .pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return escapingInvisible(try encoder.encode(value))
    }

    /// Outside of strings JSON is ASCII, so whatever is replaced here stands inside one.
    private static func escapingInvisible(_ json: Data) -> [UInt8] {
        let text = String(decoding: json, as: UTF8.self)
        var escaped: [UInt8] = []
        escaped.reserveCapacity(json.count + 1)
        for scalar in text.unicodeScalars {
            if scalar == "\n" || (" "..."~").contains(scalar) {
                escaped.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if scalar.isInvisible {
                for unit in String(scalar).utf16 { escaped += Array("\\u\(fourDigits(unit))".utf8) }
            } else {
                escaped += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        escaped.append(UInt8(ascii: "\n"))
        return escaped
    }

    private static func fourDigits(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
