import FoundationEssentials
import Testing

/// The package manager lets a target import what its dependencies depend on; the layers do not.
@Suite struct LayeringTests {
    static let mayImport: [String: Set<String>] = [
        "Bindings": ["CPostgres", "CCurl", "CArchive", "CCrypto", "CYaml", "CMicroHTTPD", "CZlib", "CSystem"],
        "Documents": ["Bindings"],
        // Bindings only for the nodes of a parsed document, which Documents hands out.
        "Recovery": ["Documents", "Bindings"],
        "Engines": ["Recovery", "Documents", "Bindings"],
        "Environments": ["Recovery", "Documents", "Bindings"],
        "Stores": ["Recovery", "Documents", "Bindings"],
        "Outlets": ["Recovery", "Documents", "Bindings"],
        "lifeboat": ["Glibc", "Engines", "Environments", "Stores", "Outlets", "Recovery", "Documents", "Bindings"],
        "library-app": ["Bindings", "Glibc"],
    ]
    static let toolchain: Set<String> = ["Dispatch", "FoundationEssentials", "Foundation", "Synchronization"]

    private static func sources(of module: String) throws -> [(path: String, text: String)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/\(module)").standardized.path
        return try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".swift") }.map { path in
            ("\(module)/\(path)", String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(path)")), as: UTF8.self))
        }
    }

    @Test(arguments: mayImport.keys.sorted()) func importsOnlyTheLayersBelow(module: String) throws {
        let files = try Self.sources(of: module)
        #expect(!files.isEmpty)
        var allowed = Self.toolchain.union(Self.mayImport[module] ?? [])
        if module == "Bindings" { allowed.insert("Glibc") }
        for file in files {
            for match in file.text.matches(of: /(?m)^(?:private |package |internal )?import (?:struct )?(\w+)/) {
                #expect(allowed.contains(String(match.1)), "\(file.path) imports \(match.1)")
            }
        }
    }

    /// The domain parses documents; it opens no file, socket or process of its own.
    @Test func theDomainUsesNothingOfTheBindingsButDocumentNodes() throws {
        for file in try Self.sources(of: "Recovery") {
            for word in [
                "Files.", "PostgresConnection", "HTTPClient", "GuardedProcess", "Bindings.run(", "ThisProcess", "Machine.", "Date()",
                "SHA256(", "SHA256.",
            ] {
                #expect(!file.text.contains(word), "\(file.path) mentions \(word)")
            }
        }
    }

    /// A drill's roles are bound to what the provider started, and only one file can make such a binding.
    @Test func onlyTheEnvironmentMakesDisposableServers() throws {
        let makers = try Self.mayImport.keys.flatMap { try Self.sources(of: $0) }.filter { $0.text.contains("DisposableServer(name:") }
        #expect(makers.map(\.path) == ["Recovery/Drills/DisposableServer.swift"])
        for file in try Self.sources(of: "Recovery") where file.path.hasPrefix("Recovery/Drills/") {
            #expect(!file.text.contains("ConfiguredTarget"), "\(file.path) knows configured targets")
        }
    }
}
