import Bindings
import FoundationEssentials
import Glibc

/// The little application of the demo and of the shipped drill: readers ask it for books.
///
/// It listens on 127.0.0.1 at PORT and reads the database at DATABASE_URL, of which nothing is printed but what goes before
/// and after the password.
@main
struct LibraryApp {
    static func main() async {
        ThisProcess.ignoreBrokenPipes()
        do {
            try await serve(ProcessInfo.processInfo.environment)
        } catch {
            say("\(error)")
            exit(EXIT_FAILURE)
        }
    }

    private static func serve(_ environment: [String: String]) async throws {
        guard let text = environment["PORT"], let port = Int(text), (0...65535).contains(port) else {
            throw WrongStart(description: "PORT is to be the port to listen at, 0 for a free one")
        }
        guard let address = environment["DATABASE_URL"] else {
            throw WrongStart(description: "DATABASE_URL is to be the library's database, postgres://user@host/database")
        }
        let signals = SignalStream([SIGTERM, SIGINT])
        let site = Site(library: Library(try PostgresParameters(parsing: address)))
        // A database that is down is no reason not to start: it may come, and /health says how it stands.
        let server = try HTTPServer(port: port, asyncHandler: { await site.answer($0) })
        say("answers on http://127.0.0.1:\(server.port)")
        for await signal in signals.signals {
            // At once: whoever wants the application gone does not wait for its readers.
            exit(128 + signal)
        }
    }

    private static func say(_ words: String) {
        // Whoever started us may have gone.
        try? StandardStream.errors.write("library-app: \(words)\n")
    }

    private struct WrongStart: Error, CustomStringConvertible { let description: String }
}
