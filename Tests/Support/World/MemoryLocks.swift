import Recovery
import Synchronization

/// Locks that one test sees: shared with shared, exclusive with nobody, and gone with the process that holds them.
package final class MemoryLocks: Locks {
    fileprivate struct Holder { let id: Int, words: String, mode: LockMode }

    fileprivate let state = Mutex<(byKey: [String: [Holder]], last: Int)>(([:], 0))

    private let faults: Faults

    package init(faults: Faults = Faults()) { self.faults = faults }

    package var held: Set<String> { state.withLock { Set($0.byKey.keys) } }

    /// The process that held them is dead.
    package func died() { state.withLock { $0.byKey = [:] } }

    package func take(_ keys: [String], _ mode: LockMode, as holder: String) async throws -> any HeldLocks {
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        let held = MemoryHeldLocks(locks: self, holder: Holder(id: id, words: holder, mode: mode))
        try await held.add(keys)
        return held
    }

    fileprivate func take(_ keys: Set<String>, _ holder: Holder) throws {
        try faults.call(.locks, "take \(keys.sorted().joined(separator: " "))") {}
        let refusal: Failure? = state.withLock { state in
            for key in keys.sorted() {
                let others = (state.byKey[key] ?? []).filter { $0.id != holder.id }
                if let other = others.first(where: { $0.mode == .exclusive || holder.mode == .exclusive }) {
                    return Failure(.lockHeld, "\(key) is in use: held by \(other.words)")
                }
            }
            for key in keys where !(state.byKey[key] ?? []).contains(where: { $0.id == holder.id }) {
                state.byKey[key, default: []].append(holder)
            }
            return nil
        }
        if let refusal { throw refusal }
    }

    fileprivate func release(_ id: Int) {
        state.withLock { state in
            state.byKey = state.byKey.mapValues { $0.filter { $0.id != id } }.filter { !$0.value.isEmpty }
        }
    }
}

private struct MemoryHeldLocks: HeldLocks {
    let locks: MemoryLocks
    let holder: MemoryLocks.Holder

    func add(_ keys: [String]) async throws { try locks.take(Set(keys), holder) }
    func release() async { locks.release(holder.id) }
}
