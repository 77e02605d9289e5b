import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// What the README says of commands and exit codes is what the program does.
@Suite(.timeLimit(.minutes(2))) struct CommandTableTests {
    private struct Command: Decodable {
        struct Option: Decodable { let words: String, meaning: String }
        let command: String, usage: String, summary: String, options: [Option]
    }

    private let text: String

    init() throws { text = try String(contentsOfFile: "\(TestSupport.Program.checkout)/README.md", encoding: .utf8) }

    private func commands() async throws -> [Command] {
        let help = try await TestSupport.Program("lifeboat")("help", "--json")
        struct Overview: Decodable { let commands: [Command] }
        return try JSONDecoder().decode(Overview.self, from: Data(help.output.utf8)).commands
    }

    /// The rows of the table below a heading of its first column.
    private func rows(below heading: String) throws -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(heading) |") }, "there is a table of \(heading)s")
        return Array(lines[(start + 2)...].prefix { $0.hasPrefix("|") })
    }

    private static func options(in text: some StringProtocol) -> [String] {
        String(text).matches(of: /--[a-z][a-z0-9]*(?:-[a-z0-9]+)*/).map { String($0.0) }
    }

    @Test func everyCommandStandsInTheTableAndNoOther() async throws {
        let table = try rows(below: "command").joined(separator: "\n")
        let commands = try await commands()
        #expect(commands.count > 10)
        for command in commands where command.command != "version" {
            #expect(table.contains("lifeboat \(command.command)"), "\(command.command)")
        }
        let names = commands.map(\.command)
        for match in text.matches(of: /`lifeboat ([a-z]+)/) { #expect(names.contains(String(match.1)), "\(match.0)") }
    }

    @Test func everyOptionInTheTableIsOneOfItsCommand() async throws {
        let everywhere = ["--json", "--config", "--quiet", "--help"]
        for row in try rows(below: "command") {
            let called = row.matches(of: /lifeboat ([a-z]+)/).map { String($0.1) }
            let known = try await commands().filter { called.contains($0.command) }.flatMap { Self.options(in: $0.usage) } + everywhere
            #expect(!called.isEmpty)
            for option in Self.options(in: row) { #expect(known.contains(option), "\(option) of \(called)") }
        }
    }

    @Test func everyOptionIsExplainedWhereItIsAskedFor() async throws {
        for command in try await commands() {
            #expect(
                Set(Self.options(in: command.usage)) == Set(command.options.map { $0.words.split(separator: " ")[0] }.map(String.init)),
                "\(command.command)")
            let page = try await TestSupport.Program("lifeboat")(command.command, "--help")
            #expect(page.code == 0)
            for option in command.options { #expect(page.output.contains("  \(option.words) "), "\(command.command)") }
            #expect(page.output.contains("  --json "))
        }
    }

    @Test func theTableOfExitCodesIsComplete() throws {
        let rows = try rows(below: "exit code")
        var listed: [Int32] = []
        for row in rows { listed += row.split(separator: "|")[0].split(separator: " ").compactMap { Int32($0) } }
        #expect(listed.count == Set(listed).count, "each code once")
        let outcomes: [RunOutcome] = [
            .passed, .failed, .paused, .unverified, .objectiveMissed, .incomplete, .interrupted(.interrupt), .interrupted(.terminate),
        ]
        let ours = Set(
            (outcomes + Failure.Kind.allCases.map { .broke($0) }).flatMap { [$0.exitCode(inDrill: true), $0.exitCode(inDrill: false)] })
        #expect(Set(listed) == ours)
    }

    /// The row with many codes says in the same order what they mean.
    @Test func codesOfFailuresAreSaidInTheirOrder() throws {
        let row = try #require(try rows(below: "exit code").first { $0.contains("64 65") })
        let columns = row.split(separator: "|").map { $0.trimmingPrefix(" ") }
        let codes = columns[0].split(separator: " ").compactMap { Int32($0) }
        let words = columns[1].split(separator: ", ").map { $0.hasSuffix(" ") ? String($0.dropLast()) : String($0) }
        let meant: [(String, Failure.Kind)] = [
            ("usage", .usage), ("document", .document), ("no such backup", .notFound), ("store or servers unavailable", .storeUnavailable),
            ("our own defect", .bug), ("local disk or journal", .journal), ("lock held", .lockHeld), ("credentials", .credentials),
            ("configuration", .configuration),
        ]
        #expect(words == meant.map(\.0))
        #expect(codes == meant.map(\.1.exitCode))
    }
}
