import CSystem
import Glibc

/// Why a command did not run. How it ended once it ran is no error here but its `ExitStatus`.
package struct ProcessError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case executableMissing
        /// The script is there, the program named in its first line is not.
        case interpreterMissing
        case notExecutable
        case workingFolderMissing
        case workingFolderUnreadable
        case inputUnreadable
        case outputUnwritable
        case userRefused
        /// A text with a NUL byte, which no program can be given.
        case unusable
        case outOfResources
        /// The process that watches the command was killed, and the command with it.
        case guardianLost
    }

    package let reason: Reason
    /// The command's path.
    package let executable: String
    /// Why, to follow `cannot run PATH: `.
    package let words: String

    package var description: String { "cannot run \(executable): \(words)" }

    init(_ reason: Reason, _ command: Command, _ words: String) {
        self.reason = reason
        self.executable = command.executable
        self.words = words
    }

    init(_ command: Command, stage: Int32, error: ErrorNumber) {
        let folder = command.workingFolder
        let user = command.runAs.map { "account \($0.name) (uid \($0.uid))" } ?? "another account"
        let account = command.runAs.map { " as \($0.name)" } ?? ""
        switch (cs_start_stage(rawValue: UInt32(stage)), error.code) {
        case (CS_STAGE_GROUPS, _), (CS_STAGE_USER, _):
            self.init(.userRefused, command, "becoming \(user) was refused: \(error); this takes root")
        case (CS_STAGE_FOLDER, ENOENT):
            self.init(.workingFolderMissing, command, "its working folder \(folder) does not exist")
        case (CS_STAGE_FOLDER, ENOTDIR):
            self.init(.workingFolderMissing, command, "its working folder \(folder) is not a folder")
        case (CS_STAGE_FOLDER, _):
            self.init(.workingFolderUnreadable, command, "its working folder \(folder) cannot be entered\(account): \(error)")
        case (CS_STAGE_EXECUTE, ENOENT) where access(command.executable, F_OK) == 0:
            self.init(.interpreterMissing, command, "the interpreter named in its first line does not exist")
        case (CS_STAGE_EXECUTE, ENOENT), (CS_STAGE_EXECUTE, ENOTDIR):
            self.init(.executableMissing, command, "there is no such file")
        case (CS_STAGE_EXECUTE, ENOEXEC):
            self.init(.notExecutable, command, "it is no program; a script needs a first line such as #!/bin/sh")
        case (CS_STAGE_EXECUTE, E2BIG):
            self.init(.unusable, command, "its arguments and environment are too long: \(error)")
        case (CS_STAGE_EXECUTE, ENOMEM), (CS_STAGE_EXECUTE, EAGAIN):
            self.init(.outOfResources, command, "the system cannot start it: \(error)")
        case (CS_STAGE_EXECUTE, _):
            self.init(.notExecutable, command, "it cannot be executed\(account): \(error)")
        default:
            self.init(.outOfResources, command, "the system cannot start another process: \(error)")
        }
    }
}
