import Bindings
import TestSupport
import Testing

@Suite(.requires(TestPostgres.missingTLS), .timeLimit(.minutes(1)))
struct PostgresTLSTests {
    @Test func theServerIsVerifiedAndTheSessionIsEncrypted() async throws {
        let server = try await TestPostgres.start(tls: true)
        var parameters = server.parameters
        parameters.sslMode = .verifyFull
        parameters.sslRootCert = server.certificate
        for host in ["localhost", "127.0.0.1"] {
            parameters.host = host
            let connection = try await PostgresConnection.connect(parameters)
            #expect(try await connection.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").rows == [["t"]])
            // Cancelling takes a connection of its own.
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT pg_sleep(30)", deadline: .milliseconds(100))
            }
            #expect(error?.kind == .timedOut)
            #expect(try await connection.query("SELECT 1").rows == [["1"]])
        }

        // A certificate that did not sign it.
        let other = try await TestPostgres.start(tls: true)
        parameters.sslRootCert = other.certificate
        #expect(await failure(parameters)?.kind == .tlsFailed)
        #expect(await failure(parameters)?.message.contains("certificate verify failed") == true)

        // A name that is not in the certificate; 127.0.0.2 reaches the same machine.
        parameters.sslRootCert = server.certificate
        parameters.host = "ip6-localhost-not"
        #expect(await failure(parameters)?.kind == .unreachable)

        parameters.host = "127.0.0.1"
        parameters.sslRootCert = nil
        #expect(await failure(parameters) == PostgresError(.invalidInput, "sslmode verify-full needs the certificates to trust"))
        parameters.sslRootCert = "/nonexistent/ca.pem"
        #expect(await failure(parameters)?.kind == .tlsFailed)
        await server.stop()
        await other.stop()
    }

    @Test func aServerWithoutTLSIsRefusedWhenTLSIsRequired() async throws {
        let server = try await TestPostgres.start()
        var parameters = server.parameters
        parameters.sslMode = .require
        let error = await failure(parameters)
        #expect(error?.kind == .tlsFailed)
        #expect(error?.message.hasSuffix("server does not support SSL, but SSL was required") == true)
        await server.stop()
    }

    private func failure(_ parameters: PostgresParameters) async -> PostgresError? {
        do { _ = try await PostgresConnection.connect(parameters) } catch let error as PostgresError { return error } catch {}
        return nil
    }
}
