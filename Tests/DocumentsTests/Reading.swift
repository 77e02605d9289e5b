import Bindings

@testable import Documents

/// Reads a document named x.yaml.
func read<Value: DocumentValue>(
    _ text: String, as type: Value.Type = Value.self, _ reading: Reading = .plain
) throws(InvalidDocument) -> Value {
    try Document(text, name: "x.yaml").read(as: type, reading)
}

/// The mistakes of a document named x.yaml as the user sees them; nil if there are none.
func complaints<Value: DocumentValue>(about text: String, as type: Value.Type, _ reading: Reading = .plain) -> String? {
    do throws(InvalidDocument) {
        _ = try read(text, as: type, reading)
        return nil
    } catch { return error.rendered() }
}

/// The first mistake's words: "problem", or "problem (hint)".
func complaint<Value: DocumentValue>(about text: String, as type: Value.Type, _ reading: Reading = .plain) -> String? {
    do throws(InvalidDocument) {
        _ = try read(text, as: type, reading)
        return nil
    } catch {
        return error.diagnostics.first.map { diagnostic in diagnostic.problem + (diagnostic.hint.map { " (\($0))" } ?? "") }
    }
}
