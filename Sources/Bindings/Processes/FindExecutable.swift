import Glibc

/// The first executable file of that name in the folders of a `PATH`, or `nil`. A name with a slash is taken as it is.
/// Relative folders are skipped: what runs must not depend on where we were started.
package func findExecutable(_ name: String, path: String) -> String? {
    guard !name.isEmpty else { return nil }
    if name.contains("/") { return isExecutableFile(name) ? name : nil }
    return path.split(separator: ":").lazy
        .filter { $0.hasPrefix("/") }
        .map { $0.hasSuffix("/") ? "\($0)\(name)" : "\($0)/\(name)" }
        .first(where: isExecutableFile)
}

private func isExecutableFile(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
}
