import TestSupport
import Testing

/// What drills stand on is away, or too small: said as such, and never got round quietly.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(3))) struct EnvironmentTroubleTests {
    private func withSite(_ servers: String, docker: String? = nil, _ use: (TroubleSite) async throws -> Void) async throws {
        var site = try await TroubleSite.make()
        site.lifeboat.environment["DOCKER_HOST"] = docker ?? "unix://\(site.folder)/nobody.sock"
        site.lifeboat.environment["LIFEBOAT_ENVIRONMENT"] = ""
        try site.write("lifeboat.yaml", site.configuration + "servers: \(servers)\n")
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await use(site)) } catch { outcome = .failure(error) }
        try await site.remove()
        try outcome.get()
    }

    @Test func whatHasToBeSealedIsNotPutIntoProcessesWhenTheEngineIsAway() async throws {
        try await withSite("{docker: {isolation: required}}") { site in
            _ = try await site.backUp()
            let drill = try await site.lifeboat("drill", "monthly.yaml")
            #expect(drill.code == 69, "\(drill.output)\(drill.errors)")
            #expect(drill.errors.inOneLine.contains("not as processes of this machine: they reach whatever it reaches"), "\(drill.errors)")
            #expect(drill.errors.contains("the container engine at unix://\(site.folder)/nobody.sock"), "\(drill.errors)")
            try site.expectNothingLeft()
        }
    }

    @Test func otherwiseProcessesAreTakenAndThatIsAWarning() async throws {
        try await withSite("{docker: {isolation: measured}}") { site in
            _ = try await site.backUp()
            let drill = try await site.lifeboat("drill", "monthly.yaml")
            #expect(drill.code == 0, "\(drill.output)\(drill.errors)")
            #expect(drill.errors.inOneLine.contains("warning: not in docker: "), "\(drill.errors)")
            try site.expectNothingLeft()
        }
    }

    @Test func whereTheEngineIsAwaySweepingSaysSoAndGoesOn() async throws {
        try await withSite("{environment: process}") { site in
            let swept = try await site.lifeboat("sweep")
            #expect(swept.code == 69)
            #expect(swept.errors.contains("error: cannot look for what dead runs left as docker: "), "\(swept.errors)")
            #expect(swept.output == "Nothing was found where it could be looked.\n")
        }
    }

    @Test(.requires(TestDocker.missing)) func serversThatTakeMoreOfTheDiskThanTheyMayEndTheDrillAsSuch() async throws {
        try await withSite("{environment: docker, disk: 1MiB, docker: {pull: never}}", docker: TestDocker.host) { site in
            _ = try await site.backUp()
            let drill = TroubleSite.drill(of: site.database).replacing(
                "db: {engine: postgres, version: from-backup}", with: "db: {engine: postgres, image: \(TestDocker.pgvector)}")
            try site.write(
                "monthly.yaml",
                drill.replacing(
                    "\nruns:",
                    with: """

                        given:
                          - name: Take its time
                            postgres.sql: {database: postgres, sql: SELECT pg_sleep(60)}
                        runs:
                        """))
            let ended = try await site.lifeboat("drill", "monthly.yaml")
            #expect(ended.code == 69, "\(ended.output)\(ended.errors)")
            #expect(ended.output.inOneLine.contains("of disk, more than the 1.0 MiB they may"), "\(ended.output)")
            #expect(ended.output.inOneLine.contains("this says nothing about the backup"), "\(ended.output)")
            #expect(ended.output.contains("db: image \(TestDocker.pgvector)") || ended.output.contains("db: image docker.io/"))
            try site.expectNothingLeft()
        }
    }
}
