/// What a command that ran to its end left behind.
package struct CommandResult: Sendable {
    package let status: ExitStatus
    /// Standard output, if the command said that it is captured, up to the limit.
    package let output: [UInt8]
    package let outputIsTruncated: Bool
    /// The end of standard error. What is not UTF-8 is replaced.
    package let errorTail: String
    package let errorTailIsTruncated: Bool
    package let wallTime: Duration
    /// Processor time of the command and of the descendants it waited for.
    package let cpuTime: Duration

    /// Standard output as text. What is not UTF-8 is replaced.
    package var outputText: String { String(decoding: output, as: UTF8.self) }
}
