import Documents
import Outlets
import Recovery

/// Reads documents and says everything that is wrong with them, without doing anything.
struct LintCommand: Command {
    static let name = "lint"
    static let usage = "[FILE…]"
    static let summary = "check the configuration, runbooks and drills; every mistake at once"

    private let paths: [String]

    init(_ arguments: inout Arguments) throws(Failure) {
        var paths: [String] = []
        while let path = arguments.word() { paths.append(path) }
        self.paths = paths
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var code: Int32 = 0
        if paths.isEmpty {
            let configuration = try services.requiredConfiguration()
            output.show("\(configuration.source.path): no mistakes")
        }
        for path in paths {
            do {
                let kind = try services.lint(path)
                output.show("\(path): no mistakes (\(kind))")
            } catch let invalid as InvalidDocument {
                output.complain(invalid.rendered())
                code = 65
            }
        }
        return code
    }
}
