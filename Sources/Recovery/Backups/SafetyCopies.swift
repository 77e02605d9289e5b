/// Takes the copies that a run keeps of what it is about to destroy.
package protocol SafetyCopies: Sendable {
    /// Captures what is still readable of the target. In a drill it goes to the run's scratch folder and dies with it;
    /// otherwise to `_safety` in the store, with a hold. Returns where it lies and how to put it back, in words.
    func take(_ target: any EngineTarget, object: String?, run: RunID, path: String) async throws -> SafetyCopy
}

package struct SafetyCopy: Sendable {
    package let location: String
    /// Its name as a backup.
    package let id: BackupID
    package let bytes: Int64
    package let totals: [String: Int64]
    package let problems: [String]

    package init(location: String, id: BackupID, bytes: Int64, totals: [String: Int64], problems: [String]) {
        self.location = location
        self.id = id
        self.bytes = bytes
        self.totals = totals
        self.problems = problems
    }
}
