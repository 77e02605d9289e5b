import Recovery

/// Plays the whole sequence before the eyes of a newcomer: a database is backed up, lost, and recovered by runbook.
struct DemoCommand: Command {
    static let name = "demo"
    static let usage = "[--folder CHECKOUT] [--environment docker|process]"
    static let summary = "play it all through on a small library: back up, drill, lose, recover"
    static let options = [
        CommandOption("--folder CHECKOUT", "the folder with runbooks/ and drills/, not this one"),
        CommandOption(
            "--environment docker|process",
            "where the servers come from; left out: containers where an engine answers and has, or can get, the image"),
    ]

    /// The folder with `runbooks/` and `drills/`.
    private let checkout: String
    private let environment: String?

    init(_ arguments: inout Arguments) throws(Failure) {
        checkout = try arguments.option("--folder") ?? "."
        environment = try arguments.option("--environment")
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var services = services
        services.environmentOption = environment
        return try await Demo(checkout: checkout, services: services, output: output).play()
    }
}
