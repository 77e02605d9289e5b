/// One of a few words, the raw values of an enum.
package protocol Choice: ScalarValue, CaseIterable, RawRepresentable where RawValue == String {}

extension Choice {
    package init(scalar text: String) throws(Mistake) {
        guard let value = Self(rawValue: text) else {
            let names = Self.allCases.map(\.rawValue)
            throw Mistake("\(text.quoted) is not one of \(names.joined(separator: ", "))", hint: names.suggestion(for: text))
        }
        self = value
    }

    package static var form: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
    /// The first case; an enum without any has no values to read.
    package static var placeholder: Self { allCases[allCases.startIndex] }
    package static var scalarSchema: JSONSchema { .choice(of: allCases.map(\.rawValue)) }
    package var canonical: String { rawValue }
}
