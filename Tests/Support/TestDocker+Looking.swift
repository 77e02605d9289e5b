import Bindings
import Documents
import Synchronization

/// What an engine says of itself, asked past the code that is tried.
extension TestDocker {
    /// `container NAME`, `network NAME`, `volume NAME` of all that has this label, also of containers that do not run.
    ///
    /// - Parameter host: nil: the engine of this machine.
    package static func things(labelled label: String, at host: String? = nil) async throws -> [String] {
        let filters = "filters=" + encoded(#"{"label":["\#(label)"]}"#)
        let containers = try await get("/containers/json?all=1&\(filters)", at: host)
        let networks = try await get("/networks?\(filters)", at: host)
        let volumes = try await get("/volumes?\(filters)", at: host)
        return (containers.array ?? []).compactMap { $0["Names"]?.array?.first?.string.map { "container \($0.dropFirst())" } }
            + (networks.array ?? []).compactMap { $0["Name"]?.string.map { "network \($0)" } }
            + (volumes["Volumes"]?.array ?? []).compactMap { $0["Name"]?.string.map { "volume \($0)" } }
    }

    /// The names of all volumes, whoever has made them.
    package static func volumes(at host: String? = nil) async throws -> [String] {
        (try await get("/volumes", at: host)["Volumes"]?.array ?? []).compactMap { $0["Name"]?.string }
    }

    /// Gives an image another name for as long as `use` goes on.
    package static func withName<Result>(_ name: String, of image: String, _ use: () async throws -> Result) async throws -> Result {
        let (place, tag) = (name.prefix { $0 != ":" }, name.drop { $0 != ":" }.dropFirst())
        let named = try await HTTPClient().send(
            request("POST", "/images/\(image)/tag?repo=\(encoded(String(place)))&tag=\(encoded(String(tag)))", at: nil))
        guard named.isSuccess else { throw TestFailure("\(image) cannot be called \(name): \(named.text)") }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use()) } catch { outcome = .failure(error) }
        _ = try await HTTPClient().send(request("DELETE", "/images/\(name)", at: nil))
        return try outcome.get()
    }

    private static func get(_ path: String, at host: String?) async throws -> JSONValue {
        let answer = try await HTTPClient().send(request("GET", path, at: host))
        guard answer.isSuccess else { throw TestFailure("\(path): \(answer.text)") }
        return try JSONValue(parsing: answer.body)
    }

    fileprivate static func request(_ method: String, _ path: String, at host: String?) -> HTTPRequest {
        var request = HTTPRequest(method, "http://docker\(path)")
        request.unixSocket = String((host ?? self.host).dropFirst("unix://".count))
        return request
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let letter = Character(UnicodeScalar(byte))
            return letter.isLetter || letter.isNumber ? String(letter) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// What an engine does, as it tells it: one line for each container, network or volume that is made, started, ended or removed, with its
/// name.
package final class EngineEvents: Sendable {
    private struct Told {
        var lines: [String] = []
        var rest: [UInt8] = []
    }

    private let told = Mutex(Told())

    package init() {}

    package var lines: [String] { told.withLock { $0.lines } }

    /// All that the engine does while `body` goes on is listened to.
    package func listening<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        let (answers, answer) = AsyncStream.makeStream(of: Int.self)
        let task = Task { [self] in
            var request = TestDocker.request("GET", "/events", at: nil)
            request.deadline = nil
            _ = try? await HTTPClient().download(
                request,
                accepting: { status in
                    // It is asked before there is one, too.
                    if status > 0 { answer.yield(status) }
                    return true
                }, onBody: { [self] bytes in take(bytes) })
            answer.finish()
        }
        defer { task.cancel() }
        guard await answers.first(where: { _ in true }) == 200 else { throw TestFailure("the engine does not tell what it does") }
        return try await body()
    }

    private func take(_ bytes: [UInt8]) {
        told.withLock { told in
            told.rest += bytes
            while let end = told.rest.firstIndex(of: UInt8(ascii: "\n")) {
                if let line = Self.line(Array(told.rest[..<end])) { told.lines.append(line) }
                told.rest.removeFirst(end + 1)
            }
        }
    }

    private static func line(_ json: [UInt8]) -> String? {
        guard let event = try? JSONValue(parsing: json), let type = event["Type"]?.string, let action = event["Action"]?.string,
            // What is only looked at does not change.
            ["container", "network", "volume"].contains(type), !action.hasPrefix("exec"),
            let name = event["Actor"]?["Attributes"]?["name"]?.string ?? event["Actor"]?["ID"]?.string
        else { return nil }
        return "\(type) \(action) \(name)"
    }
}
