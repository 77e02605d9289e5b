import Recovery

/// What the folders of a container that are meant for data take of their disk, asked inside, where they are always to be seen.
struct ContainerDisk: Sendable {
    let container: String
    let folders: [String]
    let engine: DockerEngine
    /// An engine that hangs must not keep a drill from its end.
    var within = Duration.seconds(60)

    /// Nil where the image has nothing to measure with.
    func use() async -> DiskUse? {
        guard !folders.isEmpty,
            let answer = try? await engine.execute(["sh", "-c", Self.script, "sh"] + folders, in: container, within: within)
        else { return nil }
        var (used, free): ([Int64], [Int64]) = ([], [])
        for line in answer.output.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let blocks = Int64(words[1]) else { continue }
            if words[0] == "used" { used.append(blocks * 1024) } else { free.append(blocks * 1024) }
        }
        return used.count == folders.count ? DiskUse(usedBytes: used.reduce(0, +), freeBytes: free.min()) : nil
    }

    /// Files that disappear meanwhile make `du` complain, and do not matter.
    private static let script = """
        for folder; do
            echo "used $(du -sk "$folder" 2>/dev/null | cut -f 1)"
            df -kP "$folder" | { read -r _; read -r _ _ _ free _; echo "free $free"; }
        done
        """
}
