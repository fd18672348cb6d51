import Synchronization

/// Keeps workspaces for the next callers: making one touches tens of megabytes.
final class WorkspacePool: Sendable {
    /// A workspace is either in here or with one caller, never both.
    private struct Idle: @unchecked Sendable { var workspaces: [TowerWorkspace] = [] }
    private let idle = Mutex(Idle())

    func take() -> TowerWorkspace? { idle.withLock { Idle(workspaces: $0.workspaces.popLast().map { [$0] } ?? []) }.workspaces.first }

    func give(_ workspace: TowerWorkspace) {
        let back = Idle(workspaces: [workspace])
        idle.withLock { $0.workspaces += back.workspaces }
    }
}
