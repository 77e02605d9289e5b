/// The newest few sets of a policy, as far as they have to be read to judge its targets.
struct RecentSets: Sendable {
    struct Finished: Sendable {
        let set: String
        let end: SetEnd
    }

    /// Names of all sets, newest first.
    var names: [String] = []
    /// Finished ones that are not dated in the future, newest first.
    var finished: [Finished] = []
    /// Begun and without an end; newer than every usable backup.
    var unfinished: [(set: String, begin: SetBegin?)] = []
    /// Sets whose `set.json` cannot be read, with the reason.
    var damaged: [(set: String, reason: String)] = []
    /// Dated in the future.
    var ahead: [Finished] = []
    /// The newest usable backup of each target.
    var usable: [String: (id: BackupID, manifest: Manifest)] = [:]
    /// Why newer ones are not usable, newest first.
    var flaws: [String: [(set: String, flaw: BackupFlaw)]] = [:]

    /// Enough for the sizes and intervals before the newest.
    private static let wanted = 6
    /// How far back a usable backup is looked for.
    static let furthest = 30

    init(of policy: String, targets: [String], in catalog: Catalog, now: Timestamp) async throws {
        names = try await catalog.sets(of: policy)
        for set in names.prefix(Self.furthest) {
            let isEverybodyServed = targets.allSatisfy { usable[$0] != nil }
            if isEverybodyServed, finished.count >= Self.wanted { break }
            try await look(at: set, of: policy, targets, catalog, now, isEverybodyServed)
        }
    }

    private mutating func look(
        at set: String, of policy: String, _ targets: [String], _ catalog: Catalog, _ now: Timestamp, _ isEverybodyServed: Bool
    ) async throws {
        let end: SetEnd?
        do { end = try await catalog.end(of: policy, set) } catch let failure as Failure where failure.isAboutTheBackup {
            if !isEverybodyServed { damaged.append((set, failure.problem)) }
            return
        }
        guard let end else {
            if !isEverybodyServed { unfinished.append((set, try await catalog.begin(of: policy, set))) }
            return
        }
        // A clock that runs a little ahead is not worth an alarm.
        guard end.recoveryPoint <= now.advanced(bySeconds: 300) else {
            ahead.append(Finished(set: set, end: end))
            return
        }
        finished.append(Finished(set: set, end: end))
        for target in targets where usable[target] == nil {
            let id = BackupID(policy: policy, set: set, target: target)
            guard end.members.contains(where: { $0.target == target }) else {
                flaws[target, default: []].append((set, BackupFlaw(.incomplete, "it could not be captured")))
                continue
            }
            switch try await catalog.look(at: id) {
            case .usable(let manifest, _): usable[target] = (id, manifest)
            case .flawed(let flaw): flaws[target, default: []].append((set, flaw))
            }
        }
    }
}
