import Outlets
import Recovery

/// Says which lifeboat this is.
struct VersionCommand: Command {
    static let name = "version"
    static let usage = ""
    static let summary = "say which lifeboat this is"
    static let bearsMistakesOfTheConfiguration = true
    static let version = "0.1.0"

    init(_ arguments: inout Arguments) throws(Failure) {}

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        output.show("lifeboat \(Self.version)")
        try output.show(json: .version, ["version": Self.version])
        return 0
    }
}
