import FoundationEssentials
import Glibc

/// The container engine of this machine with the images that `make docker-images` builds.
package enum TestDocker {
    /// For `.requires`.
    package static var missing: String? {
        ProcessInfo.processInfo.environment["LIFEBOAT_TEST_DOCKER"] == "1"
            ? nil : "no container engine answers here, or it lacks the test images; start one and run `make docker-images`"
    }

    /// The same for tests that make the images they need.
    package static let missingEngine: String? = {
        let address = host
        guard address.hasPrefix("unix://") else {
            return "these tests speak to a container engine over a socket, and DOCKER_HOST is \(address)"
        }
        return answers(at: String(address.dropFirst("unix://".count))) ? nil : "no container engine answers at \(address); start one"
    }()

    private static func answers(at path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            guard path.utf8.count < field.count else { return false }
            unsafe field.copyBytes(from: path.utf8)
            return true
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard fits, descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        return connected
    }

    /// The engine's address, as programs that we start have to be told.
    package static var host: String {
        let named = ProcessInfo.processInfo.environment["DOCKER_HOST"] ?? ""
        return named.isEmpty ? "unix:///var/run/docker.sock" : named
    }

    /// Python with its standard library.
    package static let python = "lifeboat-test/python:3"
    /// PostgreSQL out of Debian's packages, by the contract of the official image.
    package static let postgres = "lifeboat-test/postgres:15"
    /// PostgreSQL 16 with pgvector.
    package static let pgvector = "lifeboat-test/pgvector:pg16"
    /// The stand-in, laid out like Qdrant's own.
    package static let qdrant = "lifeboat-test/qdrant:1.18.3"
    /// The stand-in, by the contract of ArangoDB's official image.
    package static let arangodb = "lifeboat-test/arangodb:3.12.5"
}
