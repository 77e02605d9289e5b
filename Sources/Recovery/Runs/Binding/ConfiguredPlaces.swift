package import Documents

/// What the configuration offers to a real run. Secrets are looked up when they are needed, by what the composition root hands in.
package struct ConfiguredPlaces: Sendable {
    package let configuration: ConfigurationDocument
    package let source: DocumentSource
    package let stores: BackupStores
    /// A target with its secrets resolved, as the account that captures or as the one that recovers. Throws `Failure`.
    package let logIn:
        @Sendable (_ name: String, _ target: TargetDocument, _ engine: any Engine, _ recovering: Bool) async throws -> ConfiguredTarget
    /// A contact's phone number.
    package let phone: @Sendable (SecretReference) async throws -> Secret

    package init(
        configuration: ConfigurationDocument, source: DocumentSource, stores: BackupStores,
        logIn:
            @escaping @Sendable (_ name: String, _ target: TargetDocument, _ engine: any Engine, _ recovering: Bool) async throws ->
            ConfiguredTarget,
        phone: @escaping @Sendable (SecretReference) async throws -> Secret
    ) {
        self.configuration = configuration
        self.source = source
        self.stores = stores
        self.logIn = logIn
        self.phone = phone
    }

    /// Names of the policies that capture a target.
    func policies(capturing target: String) -> [String] {
        configuration.policies.entries.filter { $0.value.targets.keys.contains { $0.text == target } }.map(\.key.text)
    }
}
