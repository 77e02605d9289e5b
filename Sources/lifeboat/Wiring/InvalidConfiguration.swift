import Documents

/// Mistakes in `lifeboat.yaml`: told like those of other documents, with an exit code of their own.
struct InvalidConfiguration: Error, CustomStringConvertible {
    let mistakes: InvalidDocument

    var description: String { mistakes.description }
}
