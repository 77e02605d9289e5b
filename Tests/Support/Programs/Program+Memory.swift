internal import Testing

extension Program {
    /// The most memory that is no file's which the program itself had while it ran, its children left out: looked at as `scripts/bench`
    /// does, with its own code.
    package func peakMemory(of arguments: [String]) async throws -> (code: Int, bytes: Int, words: String) {
        let script = """
            import subprocess, sys
            sys.path.insert(0, sys.argv[1])
            from watching import anonymous_bytes, watch
            environment = dict(pair.split("=", 1) for pair in sys.stdin.read().split("\\0"))
            process = subprocess.Popen(
                sys.argv[3:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=sys.argv[2],
                env=environment)
            words, seen = watch(process, anonymous_bytes)
            print(process.returncode, max(bytes for _, bytes in seen))
            print(words)
            """
        let environment = environment.map { "\($0.key)=\($0.value)" }.joined(separator: "\0")
        let ended = try await Python.run(
            script, ["\(Self.checkout)/scripts/benchmarks", folder, path] + arguments, input: Array(environment.utf8), needing: "subprocess"
        )
        let lines = ended.output.split(separator: "\n", maxSplits: 1).map(String.init)
        let numbers = (lines.first ?? "").split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 2, "\(ended.errors)")
        return (numbers[0], numbers[1], lines.count > 1 ? lines[1] : "")
    }
}
