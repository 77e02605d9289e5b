import Documents
import Recovery
import Testing

/// What a policy says about keeping, freshness and notices in the configuration.
@Suite struct KeepRulesTests {
    private func read(_ policy: String) throws -> PolicyDocument? {
        let text = """
            targets: {app-db: {engine: memory, url: "memory://x"}}
            stores: {main: {directory: /srv}}
            alerts: {ops: {command: [mail]}}
            policies:
              nightly: {targets: {app-db: {}}, store: main, \(policy)}
            """
        let configuration = try ConfigurationDocument.read(Document(text, name: "lifeboat.yaml"), engines: ["memory"])
        return configuration.policies.entries.first?.value
    }

    private func mistakes(_ policy: String) -> [String] {
        do { _ = try read(policy) } catch let invalid as InvalidDocument {
            return invalid.diagnostics.map { $0.problem + ($0.hint.map { " (\($0))" } ?? "") }
        } catch { return ["\(error)"] }
        return []
    }

    @Test func allRulesAreRead() throws {
        let policy = try read(
            "keep: {last: 3, within: 7d, within-hourly: 2d, within-daily: 30d, within-weekly: 6m, within-monthly: 2y, within-yearly: 10y, proven: 2}, notify: ops"
        )
        #expect(
            policy?.keep
                == KeepRules(
                    last: 3, within: CalendarPeriod(days: 7), hourly: CalendarPeriod(days: 2), daily: CalendarPeriod(days: 30),
                    weekly: CalendarPeriod(months: 6), monthly: CalendarPeriod(years: 2), yearly: CalendarPeriod(years: 10), proven: 2))
        #expect(policy?.notify?.value.text == "ops")
        #expect(try read("keep: {last: 3}")?.keep?.proven == 1)
    }

    @Test func whatCannotBeMeantIsRefused() {
        #expect(
            mistakes("keep: {}") == [
                "at least one of 'last', 'within', 'within-hourly', 'within-daily', 'within-weekly', 'within-monthly', 'within-yearly' is needed"
            ])
        #expect(mistakes("keep: {proven: 3}").count == 1)
        #expect(mistakes("keep: {last: 0}") == ["'last' has to be at least 1, found '0'"])
        #expect(mistakes("keep: {within-daily: 0d}") == ["'within-daily' has to be longer than zero, found '0d'"])
        #expect(mistakes("keep: {within_daily: 3d}").first?.contains("within_daily") == true)
        #expect(mistakes("notify: opps") == ["there is no alert 'opps' (did you mean 'ops'?)"])
        #expect(
            mistakes("expect: {every: 24h, max_age: 10h}") == [
                "a backup every 24h cannot always be younger than 10h (let `max_age` be longer than `every` by the time that a backup takes)"
            ])
    }
}
