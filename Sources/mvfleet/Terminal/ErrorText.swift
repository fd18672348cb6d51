import FleetModel

/// Errors as people read them: what, why, what to do. One line, no control characters.
enum ErrorText {
    static func describe(_ error: any Error) -> String {
        if error is CancellationError { return "stopped" }
        guard let error = error as? FleetError else { return TextTable.printable(String(describing: error)) }
        // Often the message has already said what lay beneath.
        let cause = error.cause.flatMap { cause in error.message.contains(cause.prefix(40)) ? nil : cause }
        return TextTable.printable("\(error.message) (\(error.code)\(cause.map { ": \($0)" } ?? ""))")
    }
}
