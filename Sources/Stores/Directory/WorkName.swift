import Recovery

/// The name of an unfinished file or folder: whose it is, what for, and something random.
struct WorkName {
    let owner: Owner
    let label: String
    let random: String

    init(owner: Owner, label: String, random: String) {
        self.owner = owner
        self.label = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-+.".contains($0)) ? $0 : "_" }.prefix(60))
        self.random = random
    }

    init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let owner = Owner(parts[0]) else { return nil }
        self.init(owner: owner, label: parts[1], random: parts[2])
    }

    var text: String { "\(owner.text)=\(label)=\(random)" }
}
