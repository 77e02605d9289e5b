import Bindings
import Recovery
import TestSupport
import Testing

/// Where lives begin and end: what a crash needs of it.
protocol CrashPlace: Sendable {
    var folder: String { get }
    /// With a state folder of its own, for what is done before and beside the crashes.
    var lifeboat: TestSupport.Program { get }
    /// Also tells the processes of this place from all others.
    var configured: [String] { get }
    func resume(_ words: String...) -> [String]
    /// What lifeboats hold on the server.
    func held() async throws -> [String]
    /// What half written backups have left in the store.
    func unfinished() async throws -> [String]
}

/// What is killed at every place, and what must hold when it has been taken up again.
struct CrashLoop: Sendable {
    let site: any CrashPlace
    let arguments: [String]
    /// Called before each run.
    var prepare: @Sendable () async throws -> Void
    /// Called when a run has come to its end.
    let check: @Sendable (Life, _ beforeTheLastResume: [JournalLine], Comment) async throws -> Void

    /// How a run without any trouble is written down, when it went as it should.
    func undisturbed() async throws -> [JournalLine] {
        try await prepare()
        let life = try await Life("undisturbed", at: site)
        let ended = try await life.lifeboat.run(arguments)
        try #require(ended.code == 0, "\(ended.output)\(ended.errors)")
        try await holds(life, after: [], "undisturbed")
        return try await life.journal()
    }

    /// Kills one run after the other, at each of these numbers of lines. Returns how many kills there were.
    ///
    /// - Parameter again: at how many more lines the next life is killed as well; nil lets it live.
    func kill(at places: [Int], tearing: Bool = false, again: Int? = nil) async throws -> Int {
        var missed = Set(places)
        var kills = 0
        for place in places {
            // Two lines can follow each other faster than anybody looks, on a machine that has other work.
            for attempt in 1...30 where missed.contains(place) {
                let name = "killed-\(place)\(tearing ? "-torn" : "")\(again.map { "-and-\($0)" } ?? "")-\(attempt)"
                guard let hit = try await killAndResume(name, at: place, tearing: tearing, again: again) else { continue }
                kills += again == nil ? 1 : 2
                missed.remove(hit)
            }
        }
        #expect(missed.isEmpty, "never killed at these numbers of lines")
        return kills
    }

    /// Returns at how many lines it was really killed; nil when it came to its end before.
    private func killAndResume(_ name: String, at place: Int, tearing: Bool, again: Int?) async throws -> Int? {
        try await prepare()
        let life = try await Life(name, at: site)
        guard let hit = try await life.kill(life.start(arguments), atLine: place) else { return nil }
        var torn = 0
        if tearing { torn = try await life.tearJournal() }
        if let again {
            guard try await life.kill(life.start(site.resume()), atLine: hit + again) != nil else { return nil }
        }
        try await goOn(life, torn: again == nil ? torn : 0, "\(name), killed at line \(hit)")
        return hit
    }

    /// Kills one run after the other at any moment, and half of them once more while they are resumed. Returns how many kills there were.
    func killAtRandom(_ times: Int) async throws -> Int {
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await undisturbed()
        let whole = clock.now - start
        var kills = 0
        for number in 1...times {
            try await prepare()
            let life = try await Life("random-\(number)", at: site)
            var words = "random kill \(number)"
            for arguments in [arguments] + (Bool.random() ? [site.resume()] : []) {
                let instant = whole * Double.random(in: 0..<1)
                let program = try await life.start(arguments)
                let end = clock.now + instant
                guard let lines = try await life.kill(program, when: { _ in clock.now >= end }) else { break }
                words += " after \(instant), at line \(lines)"
                kills += 1
            }
            try await goOn(life, "\(words)")
        }
        return kills
    }

    /// Takes it up again, lets it come to its end, and looks whether all is as it should be.
    func goOn(_ life: Life, torn: Int = 0, _ comment: Comment) async throws {
        let before = try await life.journal()
        let resumed = try await life.lifeboat.run(site.resume())
        let said = "\(comment): \(resumed.output)\(resumed.errors)"
        if before.isEmpty || isOver(before) {
            // Before its first line a run has done nothing, after its last one there is nothing left to do.
            #expect(resumed.code == 66, "\(said)")
            if before.isEmpty {
                let again = try await life.lifeboat.run(arguments)
                #expect(again.code == 0, "\(comment): \(again.output)\(again.errors)")
            }
        } else {
            #expect(resumed.code == 0, "\(said)")
            let lines = try await life.journal()
            guard lines.count > before.count, case .runResumed(let resumed) = lines[before.count].event else {
                Issue.record("the journal does not say that the run was resumed: \(said)")
                return
            }
            #expect(resumed.cutBytes == torn, comment)
        }
        try await holds(life, after: before, comment)
    }

    func isOver(_ lines: [JournalLine]) -> Bool {
        if case .runEnded(let end)? = lines.last?.event { !end.outcome.mayGoOn } else { false }
    }

    /// What holds after any crash: the run has come to its end, and nothing of ours is left.
    func holds(_ life: Life, after before: [JournalLine], _ comment: Comment) async throws {
        let swept = try await life.lifeboat.run(["sweep"] + site.configured)
        #expect(swept.code == 0, "\(comment): \(swept.output)\(swept.errors)")
        let again = try await life.lifeboat.run(["sweep", "--dry-run"] + site.configured)
        // Others that share the machine may have left something this very moment.
        let ours = try await life.names()
        #expect(again.output.split(separator: "\n").filter { line in ours.contains { line.contains($0) } } == [], comment)
        let left = try await life.leftovers()
        #expect(left == [], comment)
        let unfinished = try await site.unfinished()
        #expect(unfinished == [], comment)
        // A server notices a little later that its client is gone.
        try await eventually { try await site.held() == [] }
        let lines = try await life.journal()
        #expect(!lines.isEmpty && lines.map(\.seq) == lines.indices.map { $0 + 1 }, comment)
        guard case .runEnded(let end)? = lines.last?.event else {
            Issue.record("the journal does not say how the run ended: \(comment); there are \(try await life.folders())")
            return
        }
        #expect(end.outcome == .passed, comment)
        try await check(life, before, comment)
    }
}

/// What journals say of steps.
enum JournalWords {
    static func finished(_ lines: some Sequence<JournalLine>) -> Set<String> {
        Set(
            lines.compactMap { line in
                if case .stepEnded(let end) = line.event, end.status == .passed { end.path } else { nil }
            })
    }

    static func begun(_ lines: some Sequence<JournalLine>) -> Set<String> {
        Set(lines.compactMap { line in if case .stepStarted(let start) = line.event { start.path } else { nil } })
    }
}
