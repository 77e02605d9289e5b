import CCrypto

/// MD5, for the names of files that others call by it. It protects nothing.
package enum MD5 {
    /// 32 lower-case hexadecimal digits.
    package static func hexDigest(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: 16)
        let made = EVP_Digest(bytes, bytes.count, &digest, nil, EVP_md5(), nil)
        precondition(made == 1, "libcrypto offers no MD5")
        return hexadecimal(digest)
    }
}
