import Recovery

/// What this run does not prove, and what else a reader should know.
struct HTMLNotExercised {
    let result: RunResult

    var markup: HTMLText { "\(notExercised)\n\(notices)" }

    private var notExercised: HTMLText {
        guard !result.notExercised.isEmpty else {
            return .section("not-exercised", "What was not exercised", "<p>Every step had something to do, and nothing was left out.</p>")
        }
        let rows = result.notExercised.map {
            "<tr><th scope=\"row\">\(HTMLText.foreign($0.what.shortened(to: 400)))</th>\(HTMLText.cell("why", .foreign($0.why.shortened(to: 1000))))</tr>"
                as HTMLText
        }
        return .section(
            "not-exercised", "What was not exercised", .table("This \(result.noun) says nothing about these.", ["what", "why"], rows))
    }

    private var notices: HTMLText {
        guard !result.notices.isEmpty else { return .none }
        return .section("notices", "Notices", .list(result.notices.map { .foreign($0.shortened(to: 2000)) }))
    }
}
