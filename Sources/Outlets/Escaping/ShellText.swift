/// Words of a command line that a reader may copy into a shell.
package enum ShellText {
    /// One word for a POSIX shell, whatever is in it. A word that begins with a dash becomes a path, so that no program
    /// takes it for an option.
    package static func quoted(_ word: String) -> String {
        let word = word.hasPrefix("-") ? "./" + word : word
        let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy { plain.contains($0) }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,".unicodeScalars)
}
