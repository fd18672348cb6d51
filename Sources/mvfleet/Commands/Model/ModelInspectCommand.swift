import ArgumentParser
import FleetModel
import Foundation
import MusicLanguageModel
import Stages

struct ModelInspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "List a checkpoint's parts and tensors, what they take in memory, and what is missing.",
        discussion: """
            Nothing but headers is read, unless --identity asks for the names that recipes have for it: those are made of all bytes, once; they are kept for the next time.
            Exit status 1 where something that is there cannot be used.

            Examples:
              mvfleet model inspect ~/models/mv
              mvfleet model inspect ~/models/mv --tensors
              mvfleet model inspect ~/models/mv --identity --json
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The directory.") var directory: String
    @Flag(help: "List every tensor; otherwise those of all layers stand in one line.") var tensors = false
    @Flag(help: "Also the names of tower and language model in recipes.") var identity = false
    @Flag(help: "One JSON object.") var json = false

    private struct Report: Encodable {
        var inventory: ModelInventory
        var embedding_checkpoint: Digest?
        var prediction_checkpoint: Digest?

        private enum CodingKeys: String, CodingKey { case embedding_checkpoint, prediction_checkpoint }

        func encode(to encoder: any Encoder) throws {
            try inventory.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(embedding_checkpoint, forKey: .embedding_checkpoint)
            try container.encodeIfPresent(prediction_checkpoint, forKey: .prediction_checkpoint)
        }
    }

    func run() async throws {
        let inventory: ModelInventory
        do { inventory = ModelInventory(try ModelDirectory(path: URL(fileURLWithPath: directory).standardizedFileURL.path)) } catch { throw FleetError(error) }
        var report = Report(inventory: inventory)
        if identity {
            let checkpoints = try await MusicCheckpoints.find([directory], try FleetConfiguration(common))
            report.embedding_checkpoint = checkpoints.embedding()?.checkpoint
            report.prediction_checkpoint = try checkpoints.prediction(try PredictionOptions.parse([]))?.checkpoint
        }
        if json { try Self.printJSON(report) } else { print(rendered(report)) }
        if !inventory.faults.isEmpty { throw ExitCode(1) }
    }

    private func rendered(_ report: Report) -> String {
        let inventory = report.inventory
        var parts = TextTable([("PART", .left), ("TENSORS", .right), ("PARAMETERS", .right), ("STORED MB", .right), ("WHERE", .left), ("", .left)])
        for part in inventory.parts {
            parts.add([part.name, part.tensors.count.grouped, part.parameters.grouped, Self.megabytes(part.byteCount), relative(part.path), part.remark.map(relative) ?? ""])
        }
        var text = parts.rendered() + "\n"
        for part in inventory.parts {
            var table = TextTable([("TENSORS OF THE \(part.name.uppercased())", .left), ("", .right), ("TYPE", .left), ("SHAPE", .left)])
            for line in TensorLine.lines(of: part, isEach: tensors) { table.add([line.name, line.count == 1 ? "" : "\(line.count) ×", line.type, line.shape]) }
            text += "\n" + table.rendered() + "\n"
        }
        if let model = inventory.languageModel {
            text += "\nlanguage model: \(model.parameters.grouped) parameters, \(model.layers) layers of \(model.hidden) (inner \(model.intermediate)), \(model.heads) heads of \(model.headDimension)"
                + (model.keyValueHeads == model.heads ? "" : " (\(model.keyValueHeads) of keys and values)") + ", vocabulary \(model.vocabulary.grouped)"
                + (model.tokenizerVocabulary.map { $0 == model.vocabulary ? "" : " (the tokenizer knows \($0.grouped))" } ?? "") + ", context \(model.contextLength.grouped), eps \(model.epsilon), RoPE θ \(model.ropeTheta)"
                + (model.ropeScaling == "none" ? "" : ", scaled: \(model.ropeScaling)") + (model.tiesEmbeddings ? ", embeddings tied" : "") + "\n"
            text += "embeddings: \(relative(model.embeddings)); LoRA: \(model.adapter.map(relative) ?? "none")\n"
        }
        if !inventory.memory.isEmpty {
            var memory = TextTable([("WEIGHTS AS", .left), ("MB", .right), ("KB A TOKEN", .right), ("MB WITH 8 TEXTS OF 1,024 TOKENS", .right)])
            for format in inventory.memory {
                memory.add([format.format, Self.megabytes(format.weightBytes), (format.cacheBytesPerToken / 1024).grouped, Self.megabytes(format.weightBytes + 8 * 1024 * format.cacheBytesPerToken)])
            }
            text += "\n" + memory.rendered() + "\n"
        }
        text += "\nembedding: \(inventory.canEmbed ? "yes" : "no")" + (report.embedding_checkpoint.map { ", checkpoint \($0)" } ?? "")
            + "\nprediction: \(inventory.describableInputs.map { "yes, from \($0)" } ?? "no")" + (report.prediction_checkpoint.map { ", checkpoint \($0)" } ?? "")
        for missing in inventory.missing { text += "\nmissing: \(missing.part): \(TextTable.printable(missing.remedy))" }
        for fault in inventory.faults { text += "\nWRONG: \(TextTable.printable(fault))" }
        for remark in inventory.remarks { text += "\nnote: \(TextTable.printable(remark))" }
        return text
    }

    private func relative(_ path: String) -> String {
        let root = URL(fileURLWithPath: directory).standardizedFileURL.path + "/"
        return path.replacingOccurrences(of: root, with: "")
    }

    private static func megabytes(_ bytes: Int) -> String { bytes < 10_000_000 ? "\((Double(bytes) / 100_000).rounded() / 10)" : ((bytes + 500_000) / 1_000_000).grouped }
}

/// A tensor, or those of all layers that are alike.
private struct TensorLine {
    var name: String
    var count: Int
    var type: String
    var shape: String

    /// In the order in which their names first come.
    static func lines(of part: ModelInventory.Part, isEach: Bool) -> [TensorLine] {
        var lines: [TensorLine] = [], places: [String: Int] = [:]
        for tensor in part.tensors {
            let name = isEach ? tensor.name : tensor.name.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
            let shape = tensor.shape.isEmpty ? "one number" : tensor.shape.map(String.init).joined(separator: " × ")
            let key = "\(name)\n\(tensor.type)\n\(shape)"
            if let place = places[key] {
                lines[place].count += 1
            } else {
                places[key] = lines.count
                lines.append(TensorLine(name: name, count: 1, type: tensor.type, shape: shape))
            }
        }
        return lines
    }
}
