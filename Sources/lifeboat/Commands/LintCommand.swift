import Documents
import Outlets
import Recovery

/// Reads documents and says everything that is wrong with them, without doing anything.
struct LintCommand: Command {
    static let name = "lint"
    static let usage = "[FILE…]"
    static let summary = "check the configuration with the runbooks that it names, or these documents; every mistake at once"
    static let bearsMistakesOfTheConfiguration = true

    private let paths: [String]

    init(_ arguments: inout Arguments) throws(Failure) {
        var paths: [String] = []
        while let path = arguments.word() { paths.append(path) }
        self.paths = paths
    }

    private struct Row: Encodable {
        let file: String
        let kind: String?
        let mistakes: [MistakeJSON]
        let troubles: [FailureRecord]

        init(_ file: LintedFile) {
            self.file = file.path
            kind = file.kind?.rawValue
            mistakes = (file.mistakes?.diagnostics ?? []).map(MistakeJSON.init)
            troubles = file.troubles.map(\.record)
        }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var files = paths.map(services.lint)
        if paths.isEmpty {
            files = [try services.lintConfiguration()]
        } else if files.contains(where: { $0.kind == .drill }), services.configurationTrouble != nil {
            // A drill is held against the configuration.
            files.insert(try services.lintConfiguration(), at: 0)
        }
        for file in files {
            if file.isSound { output.show("\(file.path): no mistakes\(file.kind.map { " (\($0.rawValue))" } ?? "")") }
            if let mistakes = file.mistakes { output.complain(mistakes.rendered()) }
            for trouble in file.troubles { output.complain(trouble) }
        }
        try output.show(json: .lint, ["files": files.map(Row.init)])
        return exitCode(files)
    }

    /// A configuration with mistakes keeps everything from working, so it is told first.
    private func exitCode(_ files: [LintedFile]) -> Int32 {
        let bad = files.filter { !$0.isSound }
        if bad.contains(where: { $0.kind == .configuration }) { return Failure.Kind.configuration.exitCode }
        if bad.contains(where: { $0.mistakes != nil }) { return Failure.Kind.document.exitCode }
        return bad.first?.troubles.first.map { RunOutcome($0).exitCode(inDrill: false) } ?? 0
    }
}
