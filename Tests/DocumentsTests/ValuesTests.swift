import Bindings
import FoundationEssentials
import Testing

@testable import Documents

/// Each value type's grammar as a table: what is read, how it is written back, and what is refused with which words.
@Suite struct ValuesTests {
    @Test(arguments: [
        ("26h", 93_600, "26h"), ("1h30min", 5400, "1h30min"), ("90s", 90, "1min30s"), ("7d", 604_800, "7d"), ("24h", 86_400, "24h"),
        ("48h", 172_800, "2d"), ("170h", 612_000, "7d2h"), ("0s", 0, "0s"), ("35d", 3_024_000, "35d"), ("1d2h3min4s", 93_784, "26h3min4s"),
        ("090min", 5400, "1h30min"), ("36525d", 3_155_760_000, "36525d"),
    ])
    func aDurationIsReadAndWrittenBack(text: String, seconds: Int, canonical: String) throws {
        let duration = try Duration(scalar: text)
        #expect(duration == .seconds(seconds))
        #expect(duration.canonical == canonical)
        #expect(try Duration(scalar: canonical) == duration)
    }

    @Test(arguments: [
        ("10m", "'10m' is not a duration (write min for minutes: 10min)"),
        ("1h30m", "'1h30m' is not a duration (write min for minutes: 1h30min)"),
        ("5m30s", "'5m30s' is not a duration (write min for minutes: 5min30s)"),
        ("90", "'90' is not a duration (name the unit: 90s, 90min, 90h or 90d)"),
        ("-1h", "'-1h' is not a duration (a duration cannot be negative)"),
        ("1h 30min", "'1h 30min' is not a duration (write 1h30min)"),
        ("2H", "'2H' is not a duration (write 2h)"),
        ("30min1h", "'30min1h' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
        ("1h1h", "'1h1h' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
        ("1.5h", "'1.5h' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
        ("2w", "'2w' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
        ("٣h", "'٣h' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
        ("''", "'' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
        ("36526d", "'36526d' is longer than a hundred years"),
        ("999999999999999d", "'999999999999999d' is longer than a hundred years"),
        ("99999999999999999999d", "'99999999999999999999d' is too large"),
        ("[1h]", "expected a duration, found a list"),
        ("''''", "''' is not a duration (d, h, min and s in this order, as in 26h, 1h30min, 90s or 7d)"),
    ])
    func aDurationIsRefused(text: String, words: String) { #expect(complaint(about: text, as: Duration.self) == words) }

    @Test func aFractionOfASecondIsWrittenOut() { #expect(Duration.milliseconds(1_050).canonical == "1.050s") }

    @Test(arguments: [("2y5m7d3h", "2y5m7d3h"), ("1w", "1w"), ("0h", "0h"), ("6m", "6m"), ("12m2w", "12m2w")])
    func aPeriodIsReadAndWrittenBack(text: String, canonical: String) throws {
        let period = try CalendarPeriod(scalar: text)
        #expect(period.canonical == canonical)
        #expect(try CalendarPeriod(scalar: canonical) == period)
    }

    @Test(arguments: [
        ("90min", "'90min' is not a period (what is kept is counted in hours at the least)"),
        ("1d1y", "'1d1y' is not a period (y, m, w, d and h in this order, as in 2y5m7d3h; m is a month)"),
        ("30", "'30' is not a period (y, m, w, d and h in this order, as in 2y5m7d3h; m is a month)"),
        ("1001y", "'1001y' is too long a period"),
        ("100001h", "'100001h' is too long a period"),
    ])
    func aPeriodIsRefused(text: String, words: String) { #expect(complaint(about: text, as: CalendarPeriod.self) == words) }

    @Test(arguments: [
        ("1m", "2026-03-31T10:00:00Z", "2026-02-28T10:00:00Z"), ("1m", "2024-03-31T10:00:00Z", "2024-02-29T10:00:00Z"),
        ("1y", "2024-02-29T00:00:00Z", "2023-02-28T00:00:00Z"), ("3m", "2026-01-15T00:00:00.5Z", "2025-10-15T00:00:00.500Z"),
        ("1w1d1h", "2026-01-01T00:30:00Z", "2025-12-23T23:30:00Z"), ("60y", "2026-11-01T00:00:00Z", "1966-11-01T00:00:00Z"),
    ])
    func aPeriodGoesBackInTheCalendar(period: String, from: String, to: String) throws {
        #expect(try CalendarPeriod(scalar: period).before(Date(scalar: from)).canonical == to)
    }

    @Test(
        arguments: [
            ("1MiB", 1_048_576, "1MiB"), ("10GiB", 10_737_418_240, "10GiB"), ("1.5GiB", 1_610_612_736, "1.5GiB"),
            ("500MB", 500_000_000, "500MB"),
            ("1234", 1234, "1234B"), ("0", 0, "0B"), ("2KB", 2000, "2KB"), ("1.125KiB", 1152, "1152B"), ("3TB", 3_000_000_000_000, "3TB"),
            ("1PiB", 1_125_899_906_842_624, "1PiB"), ("1048577", 1_048_577, "1048577B"),
            ("9223372036854775807", .max, "9223372036854775807B"),
        ] as [(String, Int64, String)])
    func aSizeIsReadAndWrittenBack(text: String, bytes: Int64, canonical: String) throws {
        let size = try ByteSize(scalar: text)
        #expect(size.bytes == bytes)
        #expect(size.canonical == canonical)
        #expect(try ByteSize(scalar: canonical) == size)
    }

    @Test(arguments: [
        ("10G", "'10G' is not a size (write 10GiB, or 10GB for powers of ten)"),
        ("10gb", "'10gb' is not a size (write 10GB)"),
        ("1.5 gib", "'1.5 gib' is not a size (write 1.5GiB)"),
        ("-1MB", "'-1MB' is not a size (a size cannot be negative)"),
        ("1.5", "'1.5' is not a whole number of bytes"),
        ("1,5GiB", "'1,5GiB' is not a size (write a number and B, KiB, MiB, GiB, TiB (or KB, MB, GB, TB for powers of ten), as in 1.5GiB)"),
        ("9223372036854775808", "'9223372036854775808' is too large a size"),
        ("9000PiB", "'9000PiB' is too large a size"),
    ])
    func aSizeIsRefused(text: String, words: String) { #expect(complaint(about: text, as: ByteSize.self) == words) }

    @Test(
        arguments: [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1_503_238_553, "1.3 GiB"), (.max, "8191.9 PiB")] as [(Int64, String)])
    func aSizeIsShownToPeople(bytes: Int64, shown: String) { #expect(ByteSize(bytes).description == shown) }

    @Test(arguments: [("50%", 0.5, "50%"), ("0.5%", 0.005, "0.5%"), ("250%", 2.5, "250%")])
    func aPercentageIsReadAndWrittenBack(text: String, fraction: Double, canonical: String) throws {
        let percent = try Percent(scalar: text)
        #expect(percent.fraction == fraction)
        #expect(percent.canonical == canonical)
    }

    @Test(arguments: [
        ("50", "'50' is not a percentage (write 50%)"), ("-5%", "'-5%' is not a percentage (write a number and %, as in 50%)"),
        ("1000001%", "'1000001%' is too large a percentage"),
    ])
    func aPercentageIsRefused(text: String, words: String) { #expect(complaint(about: text, as: Percent.self) == words) }

    @Test(arguments: [
        ("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z"), ("2026-11-01T13:00:00+01:00", "2026-11-01T12:00:00Z"),
        ("2026-11-01T00:30:00.25-01:30", "2026-11-01T02:00:00.250Z"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"), ("2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00Z"),
    ])
    func aTimeIsReadAndWrittenBackInUTC(text: String, canonical: String) throws {
        #expect(try Date(scalar: text).canonical == canonical)
        #expect(try Date(scalar: canonical) == Date(scalar: text))
    }

    @Test(arguments: [
        (
            "2026-11-01 12:00:00Z",
            "'2026-11-01 12:00:00Z' is not a time (write date, time and offset, as in 2026-11-01T12:00:00Z or 2026-11-01T13:00:00+01:00)"
        ),
        (
            "2026-11-01T12:00:00",
            "'2026-11-01T12:00:00' is not a time (write date, time and offset, as in 2026-11-01T12:00:00Z or 2026-11-01T13:00:00+01:00)"
        ),
        ("2026-13-01T12:00:00Z", "there is no 2026-13-01 in the calendar"),
        ("2026-11-01T24:00:00Z", "there is no such time as '2026-11-01T24:00:00Z'"),
        ("2026-12-31T23:59:60Z", "there is no such time as '2026-12-31T23:59:60Z'"),
    ])
    func aTimeIsRefused(text: String, words: String) { #expect(complaint(about: text, as: Date.self) == words) }

    @Test(
        arguments: [
            ("2026-11-01", nil), ("2024-02-29", nil), ("2023-02-29", "there is no 2023-02-29 in the calendar"),
            ("1900-02-29", "there is no 1900-02-29 in the calendar"),
            ("1.11.2026", "'1.11.2026' is not a date (write year, month and day, as in 2026-11-01)"),
        ] as [(String, String?)])
    func aDateIsADayOfTheCalendar(text: String, words: String?) throws {
        #expect(complaint(about: text, as: CalendarDate.self) == words)
        if words == nil { #expect(try CalendarDate(scalar: text).canonical == text) }
    }

    @Test func daysAreCountedAsTheCalendarDoes() throws {
        for day in stride(from: -800_000, through: 800_000, by: 37) { #expect(CalendarDate(daysSince1970: day).daysSince1970 == day) }
        #expect(try CalendarDate(scalar: "2000-03-01").daysSince1970 == 11_017)
    }

    @Test(
        arguments: [
            ("3", nil), ("-3", nil), ("0", nil), ("9223372036854775807", nil),
            ("9223372036854775808", "'9223372036854775808' is too large a number"),
            ("1_000", "expected a whole number, found '1_000' (write 1000)"),
            ("0x1F", "expected a whole number, found '0x1F'"), ("012", "expected a whole number, found '012'"),
            ("+3", "expected a whole number, found '+3' (write 3)"), ("1.0", "expected a whole number, found '1.0'"),
            ("'3'", "expected a whole number, found the text '3' (remove the quotes)"), ("true", "expected a whole number, found 'true'"),
        ] as [(String, String?)])
    func aWholeNumberIsPlainDecimal(text: String, words: String?) throws {
        #expect(complaint(about: text, as: Int.self) == words)
        if words == nil { #expect(try read(text, as: Int.self).canonical == text) }
    }

    @Test(
        arguments: [
            ("0.5", 0.5, nil), ("-2", -2, nil), ("1e3", 1000, nil), (".5", nil, "expected a number, found '.5'"),
            (".inf", nil, "expected a number, found '.inf'"),
            ("nan", nil, "expected a number, found 'nan'"), ("1e999", nil, "'1e999' is too large a number"),
        ] as [(String, Double?, String?)])
    func aNumberIsDecimalAndFinite(text: String, value: Double?, words: String?) {
        #expect(complaint(about: text, as: Double.self) == words)
        #expect((try? read(text, as: Double.self)) == value)
    }

    @Test(
        arguments: [
            ("true", nil), ("false", nil), ("yes", "expected true or false, found 'yes' (write true)"),
            ("off", "expected true or false, found 'off' (write false)"),
            ("True", "expected true or false, found 'True' (write true)"), ("1", "expected true or false, found '1'"),
            ("'true'", "expected true or false, found the text 'true' (remove the quotes)"),
        ] as [(String, String?)])
    func aBooleanIsTrueOrFalse(text: String, words: String?) { #expect(complaint(about: text, as: Bool.self) == words) }

    @Test(arguments: [
        ("no", "no"), ("on", "on"), ("16", "16"), ("1.10", "1.10"), ("true", "true"), ("'~'", "~"), ("\"a\\u00e9\"", "aé"),
        ("|\n  a\n  b\n", "a\nb\n"),
    ])
    func textIsReadAsItIsWritten(text: String, value: String) throws { #expect(try read(text, as: String.self) == value) }

    @Test(
        arguments: [
            ("app-db", nil), ("0", nil), ("A.b_c-d", nil), (String(repeating: "x", count: 63), nil),
            (String(repeating: "x", count: 64), "'\(String(repeating: "x", count: 60))…' is not a name (\(nameHint))"),
            ("-x", "'-x' is not a name (\(nameHint))"),
            (".x", "'.x' is not a name (\(nameHint))"), ("a/b", "'a/b' is not a name (\(nameHint))"),
            ("é", "'é' is not a name (\(nameHint))"),
            ("\"a\\n\"", "'a\n' is not a name (\(nameHint))"),
        ] as [(String, String?)])
    func aNameIsFitForPaths(text: String, words: String?) { #expect(complaint(about: text, as: Name.self) == words) }
    private static let nameHint = "up to 63 letters, digits, '-', '_' and '.'; the first is a letter or digit"

    @Test(
        arguments: [
            ("Stop the application", nil), ("'  '", "expected a line of text, found an empty one"),
            ("\"a\\nb\"", "this text has to be one line, without control characters"),
            ("\"a\\e[1m\"", "this text has to be one line, without control characters"),
            (String(repeating: "x", count: 201), "this text has to be at most 200 characters long"),
        ] as [(String, String?)])
    func aLineIsOneLine(text: String, words: String?) { #expect(complaint(about: text, as: Line.self) == words) }

    @Test func oneItemMayStandWithoutBrackets() throws {
        #expect(try read("a", as: OneOrMany<Name>.self).values.map(\.text) == ["a"])
        #expect(try read("[a, b]", as: OneOrMany<Name>.self).written == ["a", "b"])
    }

    @Test func aMappingKeepsItsOrder() throws {
        let keyed = try read("{b: 1, a: 2}", as: Keyed<Name, Int>.self)
        #expect(keyed.keys.map(\.text) == ["b", "a"])
        #expect(try keyed[Name(scalar: "a")] == 2)
        #expect(keyed.written == ["b": 1, "a": 2])
    }

    @Test func aShorthandStandsForItsKey() throws {
        #expect(try read("integer", as: SampleInput.self).type == .integer)
        #expect(complaint(about: "date", as: SampleInput.self) == "'date' is not one of text, integer, duration")
    }

    @Test(
        arguments: [
            ("library", .named(Name.placeholder)), ("{http: /health}", .http("/health", status: 200)),
            ("{http: /, status: 204}", .http("/", status: 204)),
            ("{command: [true, x]}", .command(["true", "x"])),
        ] as [(String, SampleProbe)])
    func aUnionIsToldByItsShape(text: String, probe: SampleProbe) throws {
        let read = try read(text, as: SampleProbe.self)
        if case .named(let name) = read { #expect(name.text == text) } else { #expect(read == probe) }
    }

    @Test func aSecretIsAReference() throws {
        #expect(try read("{env: DB_PASSWORD}", as: SecretReference.self) == .env("DB_PASSWORD"))
        #expect(try read("{file: /run/secrets/x}", as: SecretReference.self) == .file("/run/secrets/x"))
        #expect(try read("{command: [pass, show, db]}", as: SecretReference.self).written == ["command": ["pass", "show", "db"]])
    }

    @Test func aLocatedValueKnowsItsPlace() throws {
        let located = try read("\n  - 3h", as: [Located<Duration>].self)[0]
        #expect((located.value, located.span.line, located.span.column, located.span.length) == (.seconds(10_800), 2, 5, 2))
        #expect(located.diagnostic("stricter than its policy").problem == "stricter than its policy")
    }
}
