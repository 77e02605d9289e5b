import Glibc

/// Nanoseconds since the machine started, not counting sleep; never jumps. Only comparable with the same boot id.
package func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
