import CSystem
import Glibc

/// Bytes nobody can guess, from the kernel.
package func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
            let got = cs_random(buffer.baseAddress.map { $0 + filled }, count - filled)
            // It fails only when interrupted: the call exists since Linux 3.17.
            if got > 0 { filled += got }
        }
    }
}

/// As many lower-case hexadecimal digits, for names nobody else has.
package func randomHex(_ digits: Int) -> String {
    String(hexadecimal(randomBytes((digits + 1) / 2)).prefix(digits))
}
