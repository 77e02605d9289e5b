/// What belongs to one server or application in the work folder. The mark lies beside the folder and goes last: should removing
/// be interrupted, what is left is still marked as ours.
struct ServicePlace: Sendable, Hashable {
    let name: String
    let folder: String
    let log: String
    let mark: String

    init(named name: String, in workFolder: String) {
        self.name = name
        folder = "\(workFolder)/\(name)"
        log = folder + ".log"
        mark = folder + OwnerMark.suffix
    }

    /// In the order in which they have to go.
    var everything: [String] { [folder, log, mark] }

    /// Short, since the path of a server's socket may have 107 bytes only.
    static func name(for service: String, random: String) -> String {
        let safe = service.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }.prefix(16)
        return "\(String(safe))-\(random)"
    }
}
