import Documents

/// When an image is fetched from its registry.
package enum PullPolicy: String, Sendable, CaseIterable {
    /// When the engine does not have it.
    case missing
    /// Every time: what its tag means may have changed.
    case always
    /// What the engine has is all there is.
    case never
}
