/// One entry of an archive, as its header describes it.
package struct ArchiveEntry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file
        case folder
        case link
        /// A device, a pipe, a socket.
        case other
    }

    /// As it stands there: it may be absolute, climb by `..` and hold what commands a terminal.
    package let name: String
    package let kind: Kind
    /// Of the file, its holes included.
    package let size: Int64
    /// Whether it was stored without its holes.
    package let hasHoles: Bool
    /// Permission bits, as in 0o600.
    package let mode: UInt32
    package let owner: UInt32
    package let group: UInt32

    package init(
        name: String, kind: Kind, size: Int64, hasHoles: Bool = false, mode: UInt32 = 0, owner: UInt32 = 0, group: UInt32 = 0
    ) {
        self.name = name
        self.kind = kind
        self.size = size
        self.hasHoles = hasHoles
        self.mode = mode
        self.owner = owner
        self.group = group
    }
}
