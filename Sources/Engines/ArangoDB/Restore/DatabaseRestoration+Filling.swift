import Recovery

extension DatabaseRestoration {
    /// Writes the documents of all collections, side by side.
    struct Filling: Sendable {
        private let restoration: DatabaseRestoration
        private let isSingle: Bool
        private let filled: [String: Kept]
        private let permits: Permits
        private let progress: FillingProgress

        init(_ restoration: DatabaseRestoration, isSingle: Bool, filled: [String: Kept], of plan: DatabaseRestorePlan) {
            self.restoration = restoration
            self.isSingle = isSingle
            self.filled = filled
            permits = Permits(restoration.options.jobs)
            progress = FillingProgress(
                collections: plan.members.count, filled: filled.mapValues(\.documents), time: restoration.time, say: restoration.say)
        }

        func fill(_ plan: DatabaseRestorePlan, _ outcome: inout Outcome) async throws {
            var results: [Filled] = []
            let waiting = plan.members.filter { filled[$0.name] == nil }
            // Alone: indexes, views and even documents' own values are computed by them.
            if let analyzers = plan.analyzers, filled[analyzers.name] == nil { results.append(try await fill(analyzers)) }
            results += try await withThrowingTaskGroup(of: Filled.self) { group in
                var results: [Filled] = []
                for (index, member) in waiting.filter({ $0.name != plan.analyzers?.name }).enumerated() {
                    if index >= restoration.options.jobs, let result = try await group.next() { results.append(result) }
                    group.addTask { try await fill(member) }
                }
                for try await result in group { results.append(result) }
                return results
            }
            for (name, kept) in filled {
                results.append(Filled(name: name, documents: kept.documents, check: Self.check(name, kept)))
            }
            results.sort { $0.name < $1.name }
            outcome.collections = results.count
            outcome.documents = results.reduce(0) { $0 + $1.documents }
            outcome.checks += results.map(\.check)
            for result in results where !result.hasData {
                outcome.notExercised.append(
                    NotExercised(
                        "documents of collection \(result.name)", because: "the dump has no file of them, and the collection is empty"))
            }
        }

        private struct Filled: Sendable {
            let name: String
            let documents: Int64
            let check: CheckResult
            var hasData = true
        }

        private static func check(_ name: String, _ expected: Int64, _ actual: Int64) -> CheckResult {
            CheckResult("collection \(name)", "documents", expected: expected, actual: actual)
        }

        private static func check(_ name: String, _ kept: Kept) -> CheckResult {
            guard kept.actual != kept.documents else { return check(name, kept.documents, kept.actual) }
            return CheckResult(
                "collection \(name)", "documents", expected: "\(kept.documents)", actual: "\(kept.actual)", verdict: .held,
                tolerance: kept.actual < kept.documents
                    ? "it has a ttl index: all were there, and the server takes out what has expired"
                    : "all were there, and the server adds its own")
        }

        private func fill(_ member: DatabaseRestorePlan.Member) async throws -> Filled {
            let tally = try await write(member.collection)
            let count = try await restoration.client.count(member.name, in: restoration.database)
            var expected = tally?.documents ?? 0
            if let tally, count != expected {
                restoration.say("counting the keys of collection '\(member.name)' in the dump")
                expected = try await DocumentsLeft.count(member.collection, in: restoration.source, lines: tally.lines)
            }
            if count == expected { try await restoration.memory.remember(RestoreMemory.Mark.filled(member.name), count) }
            await progress.ended(member.name)
            return Filled(name: member.name, documents: count, check: Self.check(member.name, expected, count), hasData: tally != nil)
        }

        /// Nil when the dump has no lines of it.
        private func write(_ collection: RestorableCollection) async throws -> LineTally? {
            guard let reader = try await restoration.source.lines(of: collection) else { return nil }
            let filling = CollectionFilling(
                client: restoration.client, database: restoration.database, collection: collection.name, permits: permits,
                jobs: restoration.options.jobs, maySendTwice: isSingle, requestBytes: restoration.options.requestBytes,
                time: restoration.time, say: restoration.say, wrote: { await progress.wrote($0) })
            let tally: Result<LineTally, any Error>
            do { tally = .success(try await filling.fill(from: reader)) } catch { tally = .failure(error) }
            await reader.close()
            return try tally.get()
        }

        /// Accounts are added to those that are there, and failures of single ones are not told (contract 11): who is there afterwards is
        /// looked up. The login of this very connection may be another one from now on.
        func fill(users: RestorableCollection, _ outcome: inout Outcome) async throws {
            let names = try await accounts(users)
            guard try await write(users) != nil else {
                outcome.notExercised.append(NotExercised("accounts", because: "the dump has no file of them"))
                return
            }
            do {
                let there = Set(try await restoration.client.users())
                let missing = names.subtracting(there).sorted()
                outcome.checks.append(
                    CheckResult(
                        "accounts", "names", expected: "\(names.count)",
                        actual: missing.isEmpty ? "\(names.count)" : "without \(missing.map { "'\($0)'" }.joined(separator: ", "))",
                        verdict: missing.isEmpty ? .held : .differed, compared: max(1, names.count)))
            } catch let failure as Failure where failure.kind == .credentials {
                outcome.checks.append(
                    .undetermined(
                        "accounts", "names", expected: "\(names.count)",
                        because: "the server knows the login of this target no more: its password is that of the dump now"))
            }
        }

        private func accounts(_ users: RestorableCollection) async throws -> Set<String> {
            guard let reader = try await restoration.source.lines(of: users) else { return [] }
            var names: Set<String> = []
            do {
                while let bytes = try await reader.next() { names.formUnion(try AccountNames.read(bytes)) }
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
            return names
        }
    }
}
