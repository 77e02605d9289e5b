import Bindings
import Recovery

/// Disposable servers as local processes: no container engine needed, no walls around them either.
package struct ProcessEnvironment: EnvironmentProvider {
    /// What has to be known of the machine.
    package struct Settings: Sendable {
        /// Where each server gets a folder. The account the servers run as has to reach it.
        package var workFolder: String
        /// The unprivileged account of servers when we are root; without meaning otherwise.
        package var account: String
        /// How long a server may take from its start to the first login.
        package var readyWithin: Duration

        package var disk: DiskLimits

        package init(workFolder: String, account: String, readyWithin: Duration = .seconds(60), disk: DiskLimits = DiskLimits()) {
            self.disk = disk
            self.workFolder = workFolder
            self.account = account
            self.readyWithin = readyWithin
        }

        /// - Parameter temporary: the system's folder for temporary files, for when we are not root.
        package static func standard(temporary: String) -> Settings {
            let us = UserAccount.current
            return Settings(
                workFolder: us.uid == 0 ? "/var/lib/lifeboat/servers" : "\(temporary)/lifeboat-\(us.uid)",
                account: UserAccount.named("postgres") == nil ? "nobody" : "postgres")
        }
    }

    package let kind = "process"
    package let canStopServers = true
    private let settings: Settings
    private let owner: Owner
    private let environment: ChildEnvironment
    private let web: any WebCaller
    private let digests: any Digesting
    private let time: any TimeSource
    private let ports = Ports()
    private let work: WorkFolder

    /// - Parameters:
    ///   - owner: us; what we leave behind is recognised by it.
    ///   - environment: what servers and applications inherit.
    ///   - web: asks applications for their health.
    package init(
        _ settings: Settings, owner: Owner, environment: ChildEnvironment, web: any WebCaller, digests: any Digesting, time: any TimeSource
    ) {
        self.settings = settings
        self.owner = owner
        self.environment = environment
        self.web = web
        self.digests = digests
        self.time = time
        work = WorkFolder(path: settings.workFolder, digests: digests)
    }

    /// Where each server gets its own.
    package var folder: String { settings.workFolder }

    package var isolation: String {
        "local processes\(UserAccount.current.uid == 0 ? " of the account '\(settings.account)'" : ""), reachable from this machine only, "
            + "not cut off from its network"
    }

    package func prepare(_ servers: [(name: String, recipe: any ServerRecipe)]) async throws {
        for server in servers { try await server.recipe.requirePrograms() }
    }

    package func start(_ request: EnvironmentRequest) async throws -> any RunningEnvironment {
        let account = try serverAccount()
        try await work.prepare()
        let servers = try await startServers(request, as: account)
        var environment = ProcessServers(servers, settings.disk)
        do {
            try environment.letStop(request.stoppable, time)
            environment.apps = try await StandInApps(
                owner: owner, environment: self.environment, web: web, time: time, ports: ports, work: work
            ).start(request, beside: environment.servers)
            return environment
        } catch {
            try? await environment.stop()
            throw error
        }
    }

    package func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] {
        try await work.marks().compactMap { name, mark in
            guard !spared.contains(mark.run), mark.owner.isDead(seenFrom: owner, isAlive: processIsAlive) else { return nil }
            return Leftover(
                kind: Self.leftoverKind, name: name, run: mark.run,
                words: "folder of '\(mark.service)' in \(settings.workFolder), left by process \(mark.owner.pid) of run \(mark.run)")
        }
    }

    package func remove(_ leftover: Leftover) async throws {
        guard leftover.kind == Self.leftoverKind else {
            throw Failure(.bug, "'\(leftover.name)' is a \(leftover.kind), which local processes do not leave behind")
        }
        // Looked at again: between the listing and now it may be gone, or its name in use by somebody alive.
        guard let mark = try await work.marks().first(where: { $0.name == leftover.name })?.mark else { return }
        guard mark.owner.isDead(seenFrom: owner, isAlive: processIsAlive) else {
            throw Failure(.refused, "\(settings.workFolder)/\(leftover.name) belongs to process \(mark.owner.pid), which is alive")
        }
        try await work.remove(ServicePlace(named: leftover.name, in: settings.workFolder))
    }

    private static let leftoverKind = "server folder"
}

extension ProcessEnvironment {
    /// Nil when we are unprivileged ourselves.
    private func serverAccount() throws -> UserAccount? {
        guard UserAccount.current.uid == 0 else { return nil }
        guard let account = UserAccount.named(settings.account), account.uid != 0 else {
            throw Failure(
                .environmentUnavailable,
                "servers cannot be started as '\(settings.account)': "
                    + (UserAccount.named(settings.account) == nil ? "this machine has no such account" : "that account has all rights"),
                hint: "name an unprivileged account for disposable servers; database servers refuse to run as root")
        }
        return account
    }

    /// All at once. After a failure all of them are gone, and the failure thrown is the first that happened.
    private func startServers(_ request: EnvironmentRequest, as account: UserAccount?) async throws -> [RunningServer] {
        let (running, failure) = await withTaskGroup(of: Result<RunningServer, any Error>.self) { group in
            for (name, recipe) in request.servers {
                let start = ServerStart(
                    name: name, recipe: recipe, work: work, mark: OwnerMark(name, request, owner), account: account,
                    environment: environment,
                    ports: ports, digests: digests, time: time, readyWithin: settings.readyWithin)
                group.addTask {
                    do { return .success(try await start()) } catch { return .failure(error) }
                }
            }
            var running: [RunningServer] = []
            var failure: (any Error)?
            for await result in group {
                switch result {
                case .success(let server): running.append(server)
                case .failure(let error):
                    if failure == nil { failure = error }
                    group.cancelAll()
                }
            }
            return (running, failure)
        }
        guard let failure else { return running }
        try? await ProcessServers(running, settings.disk).stop()
        throw failure
    }
}
