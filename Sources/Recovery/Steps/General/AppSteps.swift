internal import Bindings
internal import Documents

/// Stops an application and makes sure that it has stopped.
struct AppStopStep: Step {
    static let kind = "app.stop"
    static let summary = "Stop an application, and make sure that it has stopped."
    static let phase = Phase.app
    static let fields = Fields(shorthand: "app", Field.required("app", as: Name.self, literal: true, "role of the application"))

    let app: Name

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { app = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(apps: [app.text]) }
    var rerun: Rerun { .safe }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        guard case .control(let control)? = reading.apps[app.text] else { return .notDone }
        return switch try await control.isRunning() {
        case true: .notDone
        case false: .done
        // Whether it may be written to what it uses hangs on this, so not knowing is not enough.
        case nil: .partial("nothing tells whether '\(control.name)' has stopped")
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let control = try context.control(of: app)
        let wasRunning = try await control.isRunning()
        try await control.stop()
        switch try await control.isRunning() {
        case true?:
            throw Failure(
                .application, "application '\(control.name)' was told to stop and still runs",
                hint: "look at what its stop command does; nothing has been changed so far")
        case false?: return StepResult(notes: try await control.remarksWhenStopped(), exercised: wasRunning != false)
        case nil:
            throw Failure(
                .application, "nothing tells whether application '\(control.name)' has stopped",
                hint: "give it a `healthy:` or a `running:` check in the configuration")
        }
    }
}

/// Starts an application and waits until it is healthy.
struct AppStartStep: Step {
    static let kind = "app.start"
    static let summary = "Start an application and wait until it is healthy."
    static let phase = Phase.app
    static let fields = Fields(
        shorthand: "app",
        Field.required("app", as: Name.self, literal: true, "role of the application"),
        Field.optional("within", as: Duration.self, default: .seconds(60), "how long it may take to become healthy"))

    let app: Name
    let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (app, within) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(apps: [app.text]) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let control = try context.control(of: app)
        try await control.start()
        return try await context.waitUntilHealthy(control, within: within)
    }
}

/// Waits until an application is healthy, without starting it.
struct AppHealthyStep: Step {
    static let kind = "app.healthy"
    static let summary = "Wait until an application is healthy."
    static let phase = Phase.app
    static let fields = Fields(
        shorthand: "app",
        Field.required("app", as: Name.self, literal: true, "role of the application"),
        Field.optional("within", as: Duration.self, default: .seconds(60), "how long it may take to become healthy"))

    let app: Name
    let within: Duration

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { (app, within) = try Self.fields.read(node, reading) }

    var uses: StepUses { StepUses(apps: [app.text]) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let control = try context.control(of: app)
        return try await context.waitUntilHealthy(control, within: within)
    }
}

extension StepContext {
    /// The application behind a role. Throws `Skipped` for one that this drill leaves out.
    fileprivate func control(of app: Name) throws -> any AppControl {
        switch apps[app.text] {
        case .control(let control): return control
        case .notDrilled(let reason): throw Skipped(because: "application '\(app.text)' is not drilled: \(reason)")
        case nil: throw Failure(.bug, "no application is bound to the role '\(app.text)'")
        }
    }

    /// Throws `Failure(.application)` with what it last said.
    fileprivate func waitUntilHealthy(_ control: any AppControl, within limit: Duration) async throws -> StepResult {
        let end = services.time.uptime + limit
        while true {
            let last: String
            switch try await control.health() {
            case .healthy:
                return StepResult(checks: [CheckResult("application \(control.name)", "health", expected: "healthy", actual: "healthy")])
            case .running(let words):
                return StepResult(
                    checks: [CheckResult("application \(control.name)", "state", expected: "running", actual: "running")], notes: [words])
            case .unknown:
                throw Failure(
                    .application, "nothing tells whether application '\(control.name)' is healthy",
                    hint: "give it a `healthy:` check in the configuration or in the drill")
            case .unhealthy(let words): last = words
            }
            guard services.time.uptime < end else {
                throw Failure(
                    .application, "application '\(control.name)' did not become healthy within \(Int(limit.inSeconds)) s: \(last)",
                    hint: "look at its log; give it more time with `within:`")
            }
            try await services.time.sleep(for: .milliseconds(50))
        }
    }
}
