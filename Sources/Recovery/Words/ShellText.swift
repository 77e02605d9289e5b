/// Words of a command line that a reader may copy into a shell.
package enum ShellText {
    /// One word for a POSIX shell, whatever is in it.
    package static func word(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.unicodeScalars.allSatisfy { plain.contains($0) }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// The same for a path: one that begins with a dash gets a folder before it, so that no program takes it for an option.
    package static func path(_ path: String) -> String { word(path.hasPrefix("-") ? "./" + path : path) }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,".unicodeScalars)
}
