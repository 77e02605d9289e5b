import Bindings
import Recovery

/// The end of what a server or application has written, without the secrets that it was given.
struct ServiceLog: ServerLog {
    let path: String
    let redact: Redactor

    static let bytes: Int64 = 16 << 10
    static let lines = 20

    /// The last lines; empty when there are none.
    func end() async -> String {
        let text = await blocking { [path] _ in
            guard let status = try? Files.status(of: path), status.kind == .file else { return [UInt8]() }
            return (try? Files.read(path, from: max(0, status.bytes - Self.bytes), count: Int(Self.bytes))) ?? []
        }
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(Self.lines)
        return redact(lines.joined(separator: "\n"))
    }
}
