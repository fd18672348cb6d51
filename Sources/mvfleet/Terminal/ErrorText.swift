import FleetModel

/// Errors as people read them: what, why, what to do. One line, no control characters.
enum ErrorText {
    static func describe(_ error: any Error) -> String {
        TextTable.printable(error is CancellationError ? "stopped" : String(describing: error))
    }
}
