/// The configured targets of one run: who they are, how careful one has to be with them, and the locks that keep everybody else away.
///
/// A target that does not answer is no obstacle: it is locked by what is known of it and guarded as the worst it could be. It is asked again
/// before each step that touches it.
actor HeldTargets {
    struct Member: Sendable {
        let target: any EngineTarget
        let configured: ConfiguredTarget
        /// What backups say of it, newest first.
        let lastSeen: [SourceIdentity]

        var name: String { configured.name }
        /// All that is known of a target that cannot be asked.
        fileprivate var addressOnly: SourceIdentity {
            SourceIdentity(engine: configured.engine, address: configured.address.text, system: nil, database: configured.address.database)
        }
    }

    private enum Answer {
        case silent(Failure)
        case identity(SourceIdentity)
    }

    private let members: [Member]
    private let dangerous: [String: [KnownServer]]
    private let progress: any Progress
    private let redact: Redactor
    private var answers: [String: Answer] = [:]
    /// What earlier lives of the run have met.
    private let met: [String: Identified]
    private var journal: Journal?
    private var held: (locks: any HeldLocks, mode: LockMode, holder: String)?
    private var lockedOnServer: [SourceIdentity] = []

    /// - Parameters:
    ///   - dangerous: by the name of a member, the servers it must not turn out to be unnoticed.
    ///   - met: what the run's journal says of its targets.
    init(_ members: [Member], dangerous: [String: [KnownServer]], met: [String: Identified] = [:], progress: any Progress, redact: Redactor)
    {
        self.redact = redact
        self.members = members
        self.dangerous = dangerous
        self.met = met
        self.progress = progress
    }

    /// Asks every target who it is. Never throws: a target that is down is what recoveries are for.
    func identify() async {
        for member in members { await identify(member) }
    }

    private func identify(_ member: Member) async {
        do { answers[member.name] = .identity(try await member.target.identity()) } catch {
            answers[member.name] = .silent(Failure.wrapping(error, while: "asking '\(member.name)' who it is").redacted(by: redact))
        }
    }

    /// Locks every server under all names that are known of it. `Failure(.lockHeld)` names who is at work there.
    func lock(with locks: any Locks, _ mode: LockMode, as holder: String) async throws {
        held = (try await locks.take(members.flatMap(keys), mode, as: holder), mode, holder)
        for member in members { try await lockOnServer(member) }
    }

    private func keys(of member: Member) -> [String] {
        var identities = [member.addressOnly] + member.lastSeen
        if let earlier = met[member.name] { identities.append(earlier.identity) }
        if case .identity(let identity) = answers[member.name] { identities.append(identity) }
        return identities.flatMap(\.lockKeys)
    }

    /// The lock that other hosts see. Two names of one server share it.
    private func lockOnServer(_ member: Member) async throws {
        guard let held, case .identity(let identity) = answers[member.name] else { return }
        let server = KnownServer(words: member.name, identities: [identity])
        guard !lockedOnServer.contains(where: { server.compare(with: $0) == .same }) else { return }
        do {
            try await member.target.lockOnServer(held.mode, as: held.holder)
            lockedOnServer.append(identity)
        } catch let failure as Failure where failure.kind != .lockHeld {
            progress.say(.warning("'\(member.name)' could not be locked against other hosts: \(redact(failure.problem))"))
        }
    }

    /// From here on what targets say of themselves is written down.
    func write(to journal: Journal) async throws {
        self.journal = journal
        for member in members { try await write(member) }
    }

    private func write(_ member: Member) async throws {
        switch answers[member.name] {
        case .identity(let identity):
            guard met[member.name]?.identity != identity || met[member.name]?.unreadable != nil else { return }
            try await journal?.record(.identified(Identified(target: member.name, identity: identity)))
        case .silent(let failure):
            guard met[member.name]?.unreadable == nil else { return }
            try await journal?.record(
                .identified(Identified(target: member.name, identity: member.addressOnly, unreadable: failure.problem)))
        case nil: break
        }
    }

    /// Asks a target that has not answered so far once more. `Failure(.lockHeld)` when it turns out to be a server that somebody else is
    /// working on.
    func meet(_ name: String) async throws {
        guard let member = members.first(where: { $0.name == name }) else { return }
        if case .identity = answers[name] { return }
        await identify(member)
        guard case .identity(let identity) = answers[name] else { return }
        try await journal?.record(.identified(Identified(target: name, identity: identity)))
        try await held?.locks.add(identity.lockKeys)
        try await lockOnServer(member)
    }

    /// Why a person has to agree before something on this target is destroyed; nil when nobody has to.
    func guardedBecause(_ name: String) -> String? {
        guard let member = members.first(where: { $0.name == name }) else { return "nothing is known of it" }
        switch member.configured.stage {
        case .production: return "it is production"
        case nil: return "it has no stage, and counts as production"
        case .staging, .development: break
        }
        guard case .identity(let identity) = answers[name] else { return "it does not say which server it is, and may be production" }
        for server in dangerous[name] ?? [] {
            switch server.compare(with: identity) {
            case .same: return "it is the same server as \(server.words)"
            case .cannotTell where identity.system == nil: return "it does not say whether it is the same server as \(server.words)"
            case .cannotTell: return "it may be the same server as \(server.words), of which no backup says which server it is"
            case .another: break
            }
        }
        return identity.system == nil ? "it does not say which server it is, and may be production" : nil
    }

    /// Whether it may be another server than the one that earlier lives of the run have met.
    func isAnother(_ name: String) -> Bool {
        guard let earlier = met[name] else { return false }
        guard case .identity(let identity) = answers[name] else { return earlier.unreadable == nil }
        return earlier.unreadable != nil || identity.mayDiffer(from: earlier.identity)
    }

    /// What the target says of itself; throws why it does not.
    func identity(of name: String) throws -> SourceIdentity {
        switch answers[name] {
        case .identity(let identity): return identity
        case .silent(let failure): throw failure
        case nil: throw Failure(.unreachable, "'\(name)' has not been asked who it is")
        }
    }

    /// Why targets have not answered when they were asked who they are, by name.
    var silences: [String: Failure] {
        answers.compactMapValues { if case .silent(let failure) = $0, failure.isWorthRetrying { failure } else { nil } }
    }

    /// Gives everything back.
    func release() async {
        for member in members { await member.target.close() }
        await held?.locks.release()
        held = nil
        lockedOnServer = []
    }
}
