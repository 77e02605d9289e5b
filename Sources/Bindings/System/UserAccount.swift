import Glibc

/// An account of this machine, by which a command can run with less power than we have.
package struct UserAccount: Sendable, Hashable {
    package let name: String
    package let uid: UInt32
    /// The primary group.
    package let gid: UInt32
    package let home: String

    package init(name: String, uid: UInt32, gid: UInt32, home: String) {
        self.name = name
        self.uid = uid
        self.gid = gid
        self.home = home
    }

    /// The account of that name, or `nil` if the machine has none.
    package static func named(_ name: String) -> UserAccount? {
        find { getpwnam_r(name, $0, $1, $2, $3) }
    }

    /// The account with that number, or `nil` if the machine has none.
    package static func numbered(_ uid: UInt32) -> UserAccount? {
        find { getpwuid_r(uid, $0, $1, $2, $3) }
    }

    /// The account whose rights we have now. In a container it may have a number and no name; then its number is its name.
    package static var current: UserAccount {
        let uid = geteuid()
        return numbered(uid) ?? UserAccount(name: "\(uid)", uid: uid, gid: getegid(), home: "/")
    }

    /// All groups it belongs to, the primary one included.
    package var groups: [UInt32] {
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            var count = Int32(groups.count)
            if getgrouplist(name, gid, &groups, &count) >= 0 { return Array(groups.prefix(Int(count))) }
            groups = [gid_t](repeating: 0, count: max(Int(count), groups.count * 2))
        }
    }

    private typealias LookUp = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    private static func find(_ lookUp: LookUp) -> UserAccount? {
        var size = 1024
        while true {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let result = lookUp(&entry, buffer, size, &found)
            if result == ERANGE {
                size *= 2
                continue
            }
            guard result == 0, let found else { return nil }
            return UserAccount(
                name: String(cString: found.pointee.pw_name), uid: found.pointee.pw_uid, gid: found.pointee.pw_gid,
                home: String(cString: found.pointee.pw_dir))
        }
    }
}
