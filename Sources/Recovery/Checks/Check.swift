/// Judges backups from their store alone: fresh, plausible in size, whole, recently proven. Reads the newest few manifests of a
/// policy and no bytes of its backups, so that any host can do it every minute.
package struct Check: Sendable {
    /// One policy to look at.
    package struct Subject: Sendable {
        package let policy: String
        package let targets: [String]
        package let limits: CheckLimits
        package let catalog: Catalog

        package init(policy: String, targets: [String], limits: CheckLimits, catalog: Catalog) {
            self.policy = policy
            self.targets = targets
            self.limits = limits
            self.catalog = catalog
        }
    }

    private let time: any TimeSource

    package init(time: any TimeSource) { self.time = time }

    /// Throws `CancellationError` only; whatever else goes wrong makes the items that it concerns unknown.
    package func run(_ subjects: [Subject]) async throws -> CheckReport {
        let now = time.now
        var items: [CheckItem] = []
        for subject in subjects { items += try await judge(subject, now) }
        return CheckReport(checkedAt: now, items: items)
    }

    private func judge(_ subject: Subject, _ now: Timestamp) async throws -> [CheckItem] {
        do {
            let recent = try await RecentSets(of: subject.policy, targets: subject.targets, in: subject.catalog, now: now)
            var items: [CheckItem] = []
            for target in subject.targets { items.append(try await TargetCheck(target, subject, recent, now).item()) }
            return items
        } catch is CancellationError { throw CancellationError() } catch {
            let failure = Failure.wrapping(error, while: "checking policy '\(subject.policy)'")
            return subject.targets.map { target in
                var item = CheckItem(policy: subject.policy, target: target)
                item.note(.unknown, .store, ([failure.problem] + failure.causes).joined(separator: "; "))
                return item
            }
        }
    }
}
