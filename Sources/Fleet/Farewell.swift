import Logging

/// The last word of a process that ends, said also when its task is cancelled already. A server that does not answer holds up nobody's end.
///
/// - Parameter event: what is logged where it could not be said.
package func sayGoodbye(_ event: Logger.Message, within limit: Duration, _ logger: Logger, _ body: @escaping @Sendable () async throws -> Void) async {
    let problem = await Task {
        await withTimeLimit(limit) { () -> String? in
            do {
                try await body()
                return nil
            } catch {
                return "\(error)"
            }
        } ?? "no answer within \(limit)"
    }.value
    if let problem { logger.warning(event, metadata: ["error": "\(problem)"]) }
}
