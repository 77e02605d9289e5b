import FoundationEssentials

/// The container engine of this machine with the images that `make docker-images` builds.
package enum TestDocker {
    /// For `.requires`.
    package static var missing: String? {
        ProcessInfo.processInfo.environment["LIFEBOAT_TEST_DOCKER"] == "1"
            ? nil : "no container engine answers here, or it lacks the test images; start one and run `make docker-images`"
    }

    /// Python with its standard library.
    package static let python = "lifeboat-test/python:3"
    /// PostgreSQL out of Debian's packages, by the contract of the official image.
    package static let postgres = "lifeboat-test/postgres:15"
    /// PostgreSQL 16 with pgvector.
    package static let pgvector = "lifeboat-test/pgvector:pg16"
}
