/// Notes of captures on what they had a server make, kept beside the unfinished files of a store.
package enum CaptureNotes {
    /// What their folders are called for.
    package static let label = "on-server"
}
