import Glibc

/// A moment of the wall clock: for people, not for measuring.
package struct WallTime: Sendable, Hashable, Comparable {
    package let secondsSince1970: Int64
    /// From 0 to 999,999,999.
    package let nanoseconds: Int32

    package init(secondsSince1970: Int64, nanoseconds: Int32) {
        self.secondsSince1970 = secondsSince1970
        self.nanoseconds = nanoseconds
    }

    package static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(secondsSince1970: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
    }

    package static func < (one: WallTime, other: WallTime) -> Bool {
        (one.secondsSince1970, one.nanoseconds) < (other.secondsSince1970, other.nanoseconds)
    }
}
