import Recovery

@testable import Engines

/// The steps that recover one database, as a runbook would name it: for suites that take them one by one.
protocol RecoverySteps {}

extension RecoverySteps {
    func drop(_ name: String) throws -> DropDatabaseStep {
        try step(DropDatabaseStep.self, "{database: \(yaml(name)), refill: dump}")
    }
    func create(_ name: String) throws -> CreateDatabaseStep {
        try step(CreateDatabaseStep.self, "{database: \(yaml(name)), like: dump}")
    }
    func restore(_ name: String, jobs: Int = 2) throws -> RestoreStep {
        try step(RestoreStep.self, "{database: \(yaml(name)), from: dump, jobs: \(jobs)}")
    }

    /// As YAML writes any text in double quotes.
    func yaml(_ text: String) -> String {
        "\""
            + text.unicodeScalars.map {
                $0 == "\"" || $0 == "\\"
                    ? "\\\($0)" : $0.value < 32 ? "\\x\($0.value < 16 ? "0" : "")\(String($0.value, radix: 16))" : "\($0)"
            }.joined() + "\""
    }
}
