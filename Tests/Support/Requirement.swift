import FoundationEssentials
package import Testing

/// What a test needs of the machine it runs on. Where it is missing, the test is skipped and says why; with
/// LIFEBOAT_REQUIRE_ALL=1, as CI sets it, it fails with the same words. A machine that lost its servers must not look green.
package struct Requirement: SuiteTrait, TestTrait {
    private let missing: @Sendable () -> String?
    private let skippingFails: Bool

    package init(skippingFails: Bool, missing: @escaping @Sendable () -> String?) {
        self.skippingFails = skippingFails
        self.missing = missing
    }

    package var isRecursive: Bool { true }

    package func prepare(for test: Test) async throws {
        guard let reason = missing() else { return }
        guard !skippingFails else { throw Unmet(reason: reason) }
        try await ConditionTrait.disabled(Comment(rawValue: reason)).prepare(for: test)
    }

    package struct Unmet: Error, CustomStringConvertible {
        package let reason: String
        package var description: String { "this test cannot run here, and LIFEBOAT_REQUIRE_ALL is set: \(reason)" }
    }

    /// Whether a skipped test is a failed test.
    package static let everythingIsRequired: Bool = {
        let value = ProcessInfo.processInfo.environment["LIFEBOAT_REQUIRE_ALL"] ?? ""
        return !value.isEmpty && value != "0"
    }()
}

extension Trait where Self == Requirement {
    /// Runs the test, or every test of the suite, only where nothing is missing: `.requires(TestPostgres.missing)`.
    ///
    /// - Parameter missing: what is missing and how to get it, in words; nil if nothing is.
    package static func requires(_ missing: @autoclosure @escaping @Sendable () -> String?) -> Self {
        Requirement(skippingFails: Requirement.everythingIsRequired, missing: missing)
    }
}
