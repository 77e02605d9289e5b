/// How a policy wants a target captured. What it leaves out the engine chooses.
package struct CaptureOptions: Sendable, Equatable {
    /// How much is read at a time.
    package var jobs: Int?
    package var compression: DumpCompression?
    /// What has its content compared after a restore, not only counted.
    package var fingerprint: [ContentPattern]

    package init(jobs: Int? = nil, compression: DumpCompression? = nil, fingerprint: [ContentPattern] = []) {
        self.jobs = jobs
        self.compression = compression
        self.fingerprint = fingerprint
    }

    package static let standard = CaptureOptions()
}
