import ArgumentParser
import FleetModel
import Foundation
import Logging
import Media
import Yams

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customLong("data-dir"), help: ArgumentHelp("Where the private services and blobs live.", discussion: "Also MVFLEET_DATA_DIR. Default: /var/lib/mvfleet for root, ~/.local/share/mvfleet otherwise.", valueName: "dir"))
    var dataDirectory: String?

    @Option(name: .customLong("config"), help: ArgumentHelp("A YAML file with data_dir, amqp_url, database_url, log_level, hardware_decoding, language_models, music_model.", valueName: "file"))
    var configurationFile: String?
}

/// Where things are: flags over environment over the configuration file over defaults. URLs hold passwords and so have no flags.
struct FleetConfiguration: Sendable {
    var dataDirectory: String
    var amqpURL: String?
    var databaseURL: String?
    var logLevel: Logger.Level
    /// What decodes where a command's flag does not say.
    var hardwareDecoding: HardwareDecoding
    /// The file's section of that name.
    var languageModels: LanguageModelSection?
    /// The file's section of that name.
    var musicModel: MusicModelSection?

    /// True when this machine's private services are to be used.
    var usesPrivateServices: Bool { amqpURL == nil || databaseURL == nil }

    init(_ options: CommonOptions, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let file = try options.configurationFile.map(ConfigurationFile.read) ?? ConfigurationFile()
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = variable("HOME") ?? "/tmp"
        let fallback = getuid() == 0 ? "/var/lib/mvfleet" : home + "/.local/share/mvfleet"
        dataDirectory = options.dataDirectory ?? variable("MVFLEET_DATA_DIR") ?? file.data_dir ?? fallback
        dataDirectory = URL(fileURLWithPath: dataDirectory).standardizedFileURL.path
        amqpURL = variable("MVFLEET_AMQP_URL") ?? file.amqp_url
        databaseURL = variable("MVFLEET_DATABASE_URL") ?? file.database_url
        let level = variable("MVFLEET_LOG_LEVEL") ?? file.log_level ?? "warning"
        guard let parsed = Logger.Level(rawValue: level) else {
            throw FleetError("configuration.invalid", "MVFLEET_LOG_LEVEL (log_level) is '\(level)': use one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        logLevel = parsed
        hardwareDecoding = try HardwareDecoding.configured(nil, environment: environment, file: file.hardware_decoding)
        languageModels = file.language_models
        musicModel = file.music_model
        if (amqpURL == nil) != (databaseURL == nil) {
            throw FleetError("configuration.invalid", "only one of MVFLEET_AMQP_URL and MVFLEET_DATABASE_URL is set: set both to use existing servers, or neither to use this machine's private ones")
        }
    }

    var blobDirectory: String { dataDirectory + "/blobs" }

    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }
}

private struct ConfigurationFile: Decodable {
    var data_dir: String?
    var amqp_url: String?
    var database_url: String?
    var log_level: String?
    var hardware_decoding: String?
    var language_models: LanguageModelSection?
    var music_model: MusicModelSection?

    init() {}

    static func read(_ path: String) throws -> ConfigurationFile {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw FleetError("configuration.unreadable", "the configuration file \(path) cannot be read: check the path and its permissions")
        }
        do {
            return try YAMLDecoder().decode(ConfigurationFile.self, from: text)
        } catch {
            // Not the parser's words: they quote the line, and a line may hold a password.
            throw FleetError("configuration.invalid", "the configuration file \(path) does not read as YAML with data_dir, amqp_url, database_url, log_level and hardware_decoding, each a text, language_models (endpoints, transport, prices; see README) and music_model (directory, url, name, threads, batch, wait_ms)")
        }
    }
}
