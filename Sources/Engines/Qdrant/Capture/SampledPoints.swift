import Recovery

/// Some points of a collection that is not read as a whole, spread over its ids.
struct SampledPoints: Sendable {
    let client: QdrantClient

    /// From places that the seed chooses. Ids may lie anywhere, so these are no fair sample; they are points that are there.
    func take(_ count: Int, of collection: String, holding points: Int64, seed: UInt64) async throws -> [[UInt8]] {
        guard points > 0, count > 0 else { return [] }
        var generator = SeededGenerator(seed: seed)
        var found: [PointID: [UInt8]] = [:]
        func add(_ offset: [UInt8]?, _ limit: Int) async throws -> PointPage {
            let body = try await client.scroll(collection, from: offset, limit: limit)
            let page: PointPage
            do { page = try PointPage(reading: body) } catch {
                throw Failure(
                    .engine, "cannot read points of collection '\(collection)' on \(client.server.words)", cause: "\(error)" as PlainReason)
            }
            for index in page.ranges.indices where found.count < count {
                guard let point = try? page.point(index) else { continue }
                found[point.id] = Array(page[index])
            }
            return page
        }
        let first = try await add(nil, max(1, count / 4))
        let start: UInt64 =
            if let range = first.ranges.first, let point = try? Point(reading: first.body, in: range), case .number(let id) = point.id {
                id
            } else { 0 }
        // Numbers are most often given out one after the other.
        let span = UInt64(points).multipliedReportingOverflow(by: 2).partialValue | 1
        for _ in 0..<count where found.count < count && first.nextPageOffset != nil {
            let number = start &+ generator.next() % span
            _ = try await add(Array(String(number).utf8), 1)
            guard found.count < count else { break }
            let id = PointID.uuid(UInt128(generator.next()) << 64 | UInt128(generator.next()))
            _ = try await add(Array(id.json.utf8), 1)
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }
}
