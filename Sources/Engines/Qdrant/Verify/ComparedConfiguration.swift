import Documents
import Recovery

/// The configuration of a collection as it was captured, beside that of the server now.
struct ComparedConfiguration {
    let expected: JSONValue
    let actual: JSONValue
    /// Servers of another version print defaults that others have not: then only what was captured is looked for.
    let isSameMinor: Bool

    private static let sections = [
        "params", "hnsw_config", "optimizer_config", "wal_config", "quantization_config", "strict_mode_config", "metadata",
    ]

    func checks(_ subject: String) -> [CheckResult] {
        Self.sections.flatMap { section in
            compare(expected[section]?.withoutNulls, actual[section]?.withoutNulls, "\(subject)", section)
        }
    }

    /// Member by member one level down, so that a finding names what differs.
    private func compare(_ one: JSONValue?, _ two: JSONValue?, _ subject: String, _ path: String) -> [CheckResult] {
        guard one != nil || (two != nil && two != .null) else { return [] }
        let wanted = one?.members ?? []
        if one?.members == nil || two?.members == nil {
            guard !(isSilent(one) && isSilent(two)) else { return [] }
            return [check(one, two, subject, path)]
        }
        var keys = wanted.map(\.key)
        if isSameMinor { keys += (two?.members ?? []).map(\.key).filter { !keys.contains($0) } }
        return keys.sorted().map { check(one?[$0], two?[$0], subject, "\(path).\($0)") }
    }

    private func isSilent(_ value: JSONValue?) -> Bool { value == nil || value == .null }

    private func check(_ one: JSONValue?, _ two: JSONValue?, _ subject: String, _ path: String) -> CheckResult {
        let isEqual = isSameMinor ? one == two : one.map { $0.isPart(of: two ?? .null) } ?? true
        let (first, second) = Excerpt.of(one?.text(.canonical) ?? "none", two?.text(.canonical) ?? "none")
        return CheckResult(subject, path, expected: first, actual: second, verdict: isEqual ? .held : .differed)
    }
}

extension JSONValue {
    /// Whether all that is here is there, too.
    fileprivate func isPart(of other: JSONValue) -> Bool {
        guard let members else { return self == other }
        return members.allSatisfy { member in other[member.key].map { member.value.isPart(of: $0) } ?? false }
    }
}
