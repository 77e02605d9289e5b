/// Counts the rows of a COPY in text form as it streams by: one line is one row, since line breaks inside of values are written `\n`.
struct CopyRows {
    private(set) var rows: Int64 = 0
    private var length = 0
    private var isEndMark = false
    private var hasEnded = false
    /// Something other than empty lines stands behind the end.
    private(set) var hasForeignBytes = false

    mutating func take(_ bytes: [UInt8]) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                endLine()
            } else {
                switch length {
                case 0: isEndMark = byte == UInt8(ascii: "\\")
                case 1: isEndMark = isEndMark && byte == UInt8(ascii: ".")
                default: break
                }
                length += 1
            }
        }
    }

    private mutating func endLine() {
        if hasEnded {
            if length > 0 { hasForeignBytes = true }
        } else if length == 2, isEndMark {
            hasEnded = true
        } else {
            rows += 1
        }
        length = 0
    }

    /// Whether the end mark was there, with nothing behind it.
    var isWhole: Bool { hasEnded && length == 0 && !hasForeignBytes }
}
