import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Ledger
import LocalServices
import Logging
import Media
import PostgreSQL
import RabbitMQ
import Stages

/// What a command needs of the outside: servers, ledger, blobs, children. Made from the configuration, in the order in which commands need it.
struct FleetSetup: Sendable {
    let configuration: FleetConfiguration
    let logger: Logger
    let ledger: Ledger
    let amqp: RabbitMQ.ConnectionConfiguration
    let database: PostgreSQL.ConnectionConfiguration

    /// - Parameters:
    ///   - startsServices: whether private services that do not run are started, or only found.
    ///   - waits: whether servers that do not answer are waited for; otherwise that is an error at once.
    static func open(_ options: CommonOptions, role: String, connections: Int = 4, startsServices: Bool = false, waits: Bool = false,
                     progress: @escaping @Sendable (String) -> Void = { _ in }) async throws -> FleetSetup {
        let configuration = try FleetConfiguration(options)
        let logger = configuration.logger("mvfleet.\(role)")
        let urls = try await serverURLs(configuration, startsServices: startsServices, logger: logger, progress: progress)
        var amqp = try RabbitMQ.ConnectionConfiguration(url: urls.amqp)
        amqp.clientName = "mvfleet \(role)"
        let database = try PostgreSQL.ConnectionConfiguration.ledger(urls.database, applicationName: "mvfleet \(role)")
        if !waits {
            do {
                try await Connection.open(database).close()
            } catch let error as PostgreSQLError where error.code == .connectionRefused && configuration.usesPrivateServices {
                throw FleetError("services.stopped", "this machine's private servers do not run: start them with 'mvfleet up' (data directory: \(configuration.dataDirectory))")
            }
        }
        let pool = ConnectionPool(database, limits: .init(connections: connections), logger: logger)
        return FleetSetup(configuration: configuration, logger: logger, ledger: Ledger(pool: pool, principal: principal, logger: logger), amqp: amqp, database: database)
    }

    /// In whose name this process changes things.
    private static var principal: String { "\(NSUserName())@\(ProcessInfo.processInfo.hostName)" }

    /// The servers that this machine's configuration names, or its private ones.
    private static func serverURLs(_ configuration: FleetConfiguration, startsServices: Bool, logger: Logger,
                                   progress: @escaping @Sendable (String) -> Void) async throws -> (amqp: String, database: String) {
        if let amqp = configuration.amqpURL, let database = configuration.databaseURL { return (amqp, database) }
        let services = LocalServices.make(configuration, logger: logger)
        if startsServices {
            let endpoints = try await services.up { progress($0.line) }
            return (endpoints.amqpURL, endpoints.databaseURL)
        }
        guard let endpoints = try services.endpoints() else {
            throw FleetError("services.none", "no servers are known: start private ones with 'mvfleet up', or set MVFLEET_AMQP_URL and MVFLEET_DATABASE_URL (data directory: \(configuration.dataDirectory))")
        }
        return (endpoints.amqpURL, endpoints.databaseURL)
    }

    /// What stages run with in this process.
    ///
    /// - Parameters:
    ///   - slots: how many batches of each stage run at once; the stream lane has one more of each.
    ///   - hardware: what may decode; nil for what the configuration says.
    ///   - languageModels: see ``languageModels(_:isBatched:)``.
    func stageEnvironment(slots: [StageName: Int], _ catalogue: StageCatalogue, hardware: HardwareDecoding? = nil,
                          languageModels: LanguageModelGateway? = nil) throws -> StageEnvironment {
        // A child for each that may ask for one: nobody waits for another's, the stream lane least of all.
        let children = try slots.reduce(0) { try $0 + (catalogue.entry($1.key).descriptor.children * ($1.value + 1)) }
        let directory = configuration.blobDirectory
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw FleetError("blob.directory", "the blob directory \(directory) cannot be made: check its permissions, or choose another with --data-dir", cause: error)
        }
        return StageEnvironment(blobs: BlobStore(directory: directory), children: ChildProcessPool(.media(size: children, hardware: hardware ?? configuration.hardwareDecoding)), languageModels: languageModels,
                                logger: logger)
    }

    /// The way to language models, on limits that the whole fleet shares; nil where no server is named. To be shut down.
    ///
    /// - Parameter isBatched: whether the bulk lane goes by the Batch API.
    func languageModels(_ options: LanguageModelOptions, isBatched: Bool) throws -> LanguageModelGateway? {
        let endpoints = try configuration.endpoints(options)
        guard let first = endpoints.first else {
            guard isBatched else { return nil }
            throw FleetError("configuration.invalid", "--batch needs a language model's server: give --openai-base-url (or OPENAI_BASE_URL), OPENAI_API_KEY, or language_models in the configuration file")
        }
        let batches = isBatched ? LanguageModelGateway.BatchChoice(endpoint: configuration.languageModels?.batch_endpoint ?? first.name, blobs: BlobStore(directory: configuration.blobDirectory)) : nil
        let settings = try configuration.languageModelSettings()
        do throws(ChatError) {
            let gateway = try LanguageModelGateway.open(ledger: ledger, endpoints: endpoints, batches: batches, configuration: settings, logger: logger)
            gateway.start()
            return gateway
        } catch {
            throw FleetError(error)
        }
    }
}

extension LocalServices {
    static func make(_ configuration: FleetConfiguration, logger: Logger) -> LocalServices {
        let probes = LoginProbes(
            amqp: { url in
                let consumer = try await ConsumerConnection.open(try RabbitMQ.ConnectionConfiguration(url: url))
                await consumer.close()
            },
            database: { url in
                let connection = try await Connection.open(try PostgreSQL.ConnectionConfiguration(url, applicationName: "mvfleet probe"))
                _ = try await connection.query("SELECT 1")
                await connection.close()
            })
        return LocalServices(directory: configuration.dataDirectory, probes: probes, logger: logger)
    }
}

extension ServiceProgress {
    /// As people read it.
    var line: String { "\(service?.rawValue ?? "services"): \(text)" }
}
