import Bindings
import Documents
import Recovery

/// Reads all points of a collection in the order of their ids, page by page, the next one while the last is worked on.
///
/// A server that goes away for a while is waited for, and the scan goes on where it was.
struct CollectionScan: Sendable {
    let client: QdrantClient
    let time: any TimeSource
    let say: @Sendable (String) -> Void
    /// Bytes of a page, after which fewer points are asked for.
    var answerLimit = 64 << 20

    /// Of one answer. The server builds it in memory, and so do we.
    private static let pageBytes = 4 << 20
    private static let firstPage = 64
    private static let largestPage = 10_000
    private static let patience: Duration = .seconds(300)

    /// Hands each page over in turn; `from` is the offset to begin with, as a page before named it.
    func run(_ collection: String, from: [UInt8]? = nil, each body: (PointPage) async throws -> Void) async throws {
        var limit = Self.firstPage
        var pending = fetch(collection, from, limit)
        do {
            while true {
                let current = pending
                let page = try await withTaskCancellationHandler {
                    try await current.value
                } onCancel: {
                    current.cancel()
                }
                try Task.checkCancellation()
                guard let next = page.nextPageOffset else {
                    try await hand(page, of: collection, to: body)
                    return
                }
                limit = nextLimit(after: page, of: limit)
                pending = fetch(collection, next, limit)
                try await hand(page, of: collection, to: body)
            }
        } catch {
            pending.cancel()
            _ = await pending.result
            throw error
        }
    }

    /// A point that nobody understands is a matter of its collection, not of all that are captured.
    private func hand(_ page: PointPage, of collection: String, to body: (PointPage) async throws -> Void) async throws {
        do { try await body(page) } catch let error as JSONSyntaxError {
            throw Failure(
                .engine, "cannot read a point of collection '\(collection)' on \(client.server.words)",
                hint: "is this a server of Qdrant, of a version that lifeboat knows? See `lifeboat doctor`",
                cause: "\(error)" as PlainReason)
        }
    }

    /// Points need not be of one size: what comes next may be larger.
    private func nextLimit(after page: PointPage, of limit: Int) -> Int {
        guard page.count > 0 else { return Self.firstPage }
        return min(max(Self.pageBytes / max(1, page.body.count / page.count), 1), 2 * limit, Self.largestPage)
    }

    private func fetch(_ collection: String, _ offset: [UInt8]?, _ limit: Int) -> Task<PointPage, any Error> {
        Task { try await page(collection, offset, limit) }
    }

    private func page(_ collection: String, _ offset: [UInt8]?, _ limit: Int) async throws -> PointPage {
        let end = time.uptime + Self.patience
        var limit = limit
        while true {
            do {
                let body = try await client.scroll(collection, from: offset, limit: limit, answerLimit: answerLimit)
                return try PointPage(reading: body)
            } catch let error as JSONSyntaxError {
                throw Failure(
                    .engine, "cannot read the points of collection '\(collection)' on \(client.server.words): the answer is not whole",
                    hint: "is there a proxy between that cuts answers off?", cause: error)
            } catch let failure as Failure where limit > 1 && (failure.cause as? HTTPError)?.kind == .tooLarge {
                limit /= 2
            } catch let failure as Failure where failure.isWorthRetrying && time.uptime < end {
                say("\(failure.problem); trying again")
                try await time.sleep(for: .seconds(1))
            }
        }
    }
}
