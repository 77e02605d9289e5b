import Documents
import Recovery
import Testing

/// What a policy says about how a target is captured.
@Suite struct CaptureOptionsTests {
    private func read(_ target: String) throws -> CaptureOptions? {
        let text = """
            targets: {app-db: {engine: memory, url: "memory://x"}}
            stores: {main: {directory: /srv}}
            policies:
              nightly: {targets: {app-db: \(target)}, store: main}
            """
        let configuration = try Document(text, name: "lifeboat.yaml").read(as: ConfigurationDocument.self)
        return configuration.policies.entries.first?.value.targets.entries.first?.value.capture
    }

    private func mistakes(_ target: String) -> [String] {
        do { _ = try read(target) } catch let invalid as InvalidDocument {
            return invalid.diagnostics.map { $0.problem + ($0.hint.map { " (\($0))" } ?? "") }
        } catch { return ["\(error)"] }
        return []
    }

    @Test func allOfThemAreRead() throws {
        let patterns = try ["public.loans", "public.books.title", "lending.*"].map { try ContentPattern(scalar: $0) }
        #expect(
            try read("{jobs: 4, compression: 'zstd:9', fingerprint: [public.loans, public.books.title, 'lending.*']}")
                == CaptureOptions(jobs: 4, compression: DumpCompression(.zstd, level: 9), fingerprint: patterns))
        #expect(try read("{}") == .standard)
        #expect(try read("rebuild.yaml") == .standard)
    }

    @Test(arguments: ["none", "gzip", "gzip:1", "gzip:9", "lz4", "lz4:12", "zstd", "zstd:22"])
    func aCompressionIsWrittenAsItIsRead(text: String) throws { #expect(try DumpCompression(scalar: text).canonical == text) }

    @Test func whatCannotBeMeantIsRefused() {
        #expect(mistakes("{jobs: 0}") == ["'jobs' has to be between 1 and 64, found '0'"])
        #expect(mistakes("{jobs: 65}") == ["'jobs' has to be between 1 and 64, found '65'"])
        #expect(mistakes("{compression: 6}") == ["'6' is no compression (write gzip:6)"])
        #expect(mistakes("{compression: zsdt}") == ["'zsdt' is no compression (did you mean 'zstd'?)"])
        #expect(mistakes("{compression: brotli}") == ["'brotli' is no compression (there are: none, gzip, lz4, zstd)"])
        #expect(mistakes("{compression: 'gzip:10'}") == ["'gzip:10' has no level of gzip (its levels are 1 to 9, as in gzip:3)"])
        #expect(mistakes("{compression: 'zstd:03'}") == ["'zstd:03' has no level of zstd (its levels are 1 to 22, as in zstd:3)"])
        #expect(mistakes("{compression: 'none:1'}") == ["'none:1' has a level, and `none` has none (write none)"])
        #expect(mistakes("{fingerprint: []}") == ["'fingerprint' has to be a list of at least 1, found a list"])
        #expect(
            mistakes("{fingerprint: [loans]}") == [
                "'loans' names no schema (write SCHEMA.TABLE or SCHEMA.TABLE.COLUMN, as in public.loans)"
            ])
        #expect(mistakes("{fingerprint: ['public.loans ']}").count == 1)
        #expect(mistakes("{fingerprints: [public.loans]}") == ["unknown key 'fingerprints' (did you mean 'fingerprint'?)"])
    }
}
