import Bindings
import Documents
import Recovery
import Synchronization
import TestSupport
import Testing

@testable import Environments

/// Programs inside a real container: what they read and write, how they end, and what is left of them.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(3))) struct DockerToolContainersTests {
    private func tools(_ owner: Owner = .us, _ environment: [String: String] = ThisProcess.environment) -> DockerToolContainers {
        DockerToolContainers(environment: environment, owner: owner, time: RealTime())
    }

    private static let idle: JSONValue.Member = .init("Entrypoint", ["python3", "-c", "import time; time.sleep(600)"])

    /// A running container with a place in it, which is closed and has to be gone afterwards.
    private func withPlace(_ use: (any ToolPlace, TestContainer) async throws -> Void) async throws {
        try await TestContainer.with(TestDocker.python, [Self.idle]) { container in
            try await container.start()
            let place = try await tools().open(container.name)
            do { try await use(place, container) } catch {
                await place.close()
                throw error
            }
            await place.close()
            #expect(try await left(in: container) == "")
        }
    }

    /// Folders of ours, and programs with our mark.
    private func left(in container: TestContainer) async throws -> String {
        let script = """
            ls -d /tmp/lifeboat-* /var/tmp/lifeboat-* 2>/dev/null
            for p in /proc/[0-9]*; do tr '\\0' '\\n' 2>/dev/null <$p/environ | grep -q LIFEBOAT_PLACE && echo $p; done; true
            """
        return try await container.engine.execute(["sh", "-c", script], in: container.id).output
    }

    private func sh(_ script: String) -> CommandSpec { CommandSpec("sh", ["-c", script]) }

    @Test func filesGoInAndComeOutAsTheyAre() async throws {
        try await withPlace { place, _ in
            try await withTemporaryFolder { folder in
                var contents: [String: [UInt8]] = [:]
                for (name, size) in [("none", 0), ("toc.dat", 513), ("3350.dat.gz", 3 << 20)] {
                    contents[name] = randomBytes(size)
                    try await blocking { [contents] _ in try Files.create("\(folder)/\(name)", contents[name] ?? []) }
                }
                let brought = try await place.bring(contents.keys.sorted(), of: folder)
                let copied = try await place.commands.run(sh("cp -r \(brought) \(place.folder.path)/dump; stat -c %a:%u \(brought)/*"))
                #expect(copied.succeeded)
                #expect(String(decoding: copied.output, as: UTF8.self) == "600:0\n600:0\n600:0\n")
                try await place.fetch("dump", into: folder)
                for (name, content) in contents {
                    #expect(try await blocking { _ in try Files.read("\(folder)/dump/\(name)", limit: 4 << 20) } == content)
                }
            }
        }
    }

    @Test func aFileOfOursIsForNobodyElseAndCanBeReadAndRemoved() async throws {
        try await withPlace { place, _ in
            let long = [UInt8](repeating: UInt8(ascii: "x"), count: 2 << 20)
            try await place.folder.write("login", long)
            let mode = try await place.commands.run(sh("stat -c %a \(place.folder.path)/login \(place.folder.path)"))
            #expect(String(decoding: mode.output, as: UTF8.self) == "600\n700\n")
            #expect(try await place.folder.read("login", limit: 4 << 20) == long)
            await place.folder.remove("login")
            await #expect(throws: (any Error).self) { try await place.folder.read("login", limit: 4 << 20) }
        }
    }

    @Test func aProgramEndsAsItEndsAndWhatItSaysComesByLines() async throws {
        try await withPlace { place, _ in
            let lines = Mutex<[String]>([])
            var command = sh("echo out; echo one >&2; echo $WORD >&2; printf half >&2; exit 3")
            command.environment = ["WORD": "two words"]
            let outcome = try await place.commands.run(command) { line in lines.withLock { $0.append(line) } }
            #expect(outcome.status == .exited(3))
            #expect(outcome.output == Array("out\n".utf8))
            #expect(lines.withLock { $0 } == ["one", "two words", "half"])
            #expect(outcome.errors == "one\ntwo words\nhalf")
            #expect(try await place.commands.run(sh("kill -9 $$")).status == .signalled(9))
        }
    }

    @Test func oneThatIsNotThereIsSaid() async throws {
        try await withPlace { place, container in
            let failure = await #expect(throws: Failure.self) { try await place.commands.run(CommandSpec("pg_dump", ["--version"])) }
            #expect(failure?.kind == .toolMissing)
            #expect(failure?.problem == "cannot run pg_dump in container '\(container.name)'")
        }
    }

    @Test func aCancelledProgramEndsWithAllItHasStarted() async throws {
        try await withPlace { place, container in
            let started = "\(place.folder.path)/started"
            let stubborn = "trap '' TERM; sleep 600 & sleep 600 & touch \(started); wait"
            let task = Task { try await place.commands.run(sh(stubborn)) }
            try await eventually {
                try await container.engine.execute(["test", "-e", started], in: container.id).status == 0
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let left = try await left(in: container)
            #expect(left == "\(place.folder.path)\n", "nothing runs, and the folder is there until it is closed")
        }
    }

    @Test func whatADeadOwnerLeftIsEndedAndRemovedByTheNext() async throws {
        try await TestContainer.with(TestDocker.python, [Self.idle]) { container in
            try await container.start()
            let dead = Owner.dead
            let place = try await tools(dead).open(container.name)
            try await place.folder.write("login", Array("*:*:*:*:hunter2".utf8))
            let script = "sleep 600 & touch \(place.folder.path)/started; wait"
            // As it goes on when the one who listened was killed.
            let exec = try await container.engine.prepare(
                ["sh", "-c", script], in: container.id, environment: ["\(DockerFolder.mark)=\(place.folder.path)/1"])
            let listening = Task { try await container.engine.startExec(exec, within: nil) { _ in } }
            try await eventually {
                try await container.engine.execute(["test", "-e", "\(place.folder.path)/started"], in: container.id).status == 0
            }
            listening.cancel()
            #expect(try await left(in: container).split(separator: "\n").count == 3)

            let leftovers = try await tools().leftovers(in: container.name)
            #expect(leftovers.map(\.name) == [place.folder.path])
            let alive = try await tools().open(container.name)
            #expect(try await left(in: container) == "\(alive.folder.path)\n", "that of somebody who lives stays")
            #expect(try await tools().leftovers(in: container.name) == [])
            await alive.close()
            #expect(try await left(in: container) == "")
        }
    }

    @Test func sweepingRemovesItToo() async throws {
        try await TestContainer.with(TestDocker.python, [Self.idle]) { container in
            try await container.start()
            _ = try await tools(Owner.dead).open(container.name)
            let leftover = try #require(try await tools().leftovers(in: container.name).first)
            try await tools().remove(leftover, in: container.name)
            #expect(try await left(in: container) == "")
        }
    }

    @Test func aContainerThatGoesAwayIsSaid() async throws {
        try await TestContainer.with(TestDocker.python, [Self.idle]) { container in
            try await container.start()
            let place = try await tools().open(container.name)
            let task = Task { try await place.commands.run(sh("touch \(place.folder.path)/started; sleep 600")) }
            try await eventually {
                try await container.engine.execute(["test", "-e", "\(place.folder.path)/started"], in: container.id).status == 0
            }
            try await container.engine.removeContainer(container.id)
            let failure = await #expect(throws: Failure.self) { try await task.value }
            #expect([.unreachable, .environmentUnavailable].contains(failure?.kind))
            await place.close()
        }
    }

    @Test func oneThatIsNotThereOrDoesNotRunIsSaid() async throws {
        let absent = await #expect(throws: Failure.self) { try await tools().open("lifeboat-test-nobody") }
        #expect(absent?.kind == .toolMissing)
        #expect(absent?.problem.contains("there is no container 'lifeboat-test-nobody' on the engine at ") == true)
        try await TestContainer.with(TestDocker.python, [Self.idle]) { container in
            let failure = await #expect(throws: Failure.self) { try await tools().open(container.name) }
            #expect(failure?.kind == .toolMissing)
            #expect(
                failure?.problem
                    == "the programs in container '\(container.name)' cannot be used: container \(container.name) has ended with status 0")
        }
    }

    /// The engine writes beneath such a mount, where nobody sees it.
    @Test func whereTmpIsInMemoryAnotherFolderIsTaken() async throws {
        let memory: JSONValue.Member = .init("HostConfig", ["Tmpfs": ["/tmp": "size=1m"]])
        try await TestContainer.with(TestDocker.python, [Self.idle, memory]) { container in
            try await container.start()
            _ = try await container.engine.execute(["mkdir", "-p", "/var/tmp"], in: container.id)
            let place = try await tools().open(container.name)
            #expect(place.folder.path.hasPrefix("/var/tmp/lifeboat-"))
            try await place.folder.write("x", [120])
            #expect(try await place.commands.run(sh("cat \(place.folder.path)/x")).output == [120])
            await place.close()
            #expect(try await left(in: container) == "")
        }
        let both: JSONValue.Member = .init("HostConfig", ["Tmpfs": ["/tmp": "size=1m", "/var": "size=1m"]])
        try await TestContainer.with(TestDocker.python, [Self.idle, both]) { container in
            try await container.start()
            let failure = await #expect(throws: Failure.self) { try await tools().open(container.name) }
            #expect(failure?.kind == .toolMissing)
            #expect(failure?.problem.contains("in memory or read-only") == true)
        }
    }
}
