import ArgumentParser
import FleetModel
import Foundation
import LibLlama
import MusicLanguageModel
import Stages
import TensorKernels

extension DoctorCommand {
    /// What the paper's model has to run on here. Never wrong: it is wanted by none of the other stages.
    static func checkModelHost(_ configuration: FleetConfiguration) -> Check {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let memory = memoryGiB().map { ", \($0.available) of \($0.total) GiB of memory free" } ?? ""
        let library: String
        do { library = "libllama (\(try LlamaLibrary.find().path))" } catch { library = "no libllama (\(error.message))" }
        let server = (try? MusicMachine(MusicMachineOptions.parse([]), configuration.musicModel))?.server.map { "vllm (\($0.model) at \($0.url))" } ?? "no vLLM server named (--model-url)"
        return Check(check: "model host", ok: true, finding: "\(InstructionSet.best.rawValue) on \(processors) processor\(processors == 1 ? "" : "s")\(memory); backends: native, \(library), \(server); \(cudaFinding())")
    }

    /// Whether each directory that the configuration names can be used; nil where it names none.
    static func checkModels(_ configuration: FleetConfiguration) -> Check? {
        let directories = configuration.musicModelDirectories([])
        guard !directories.isEmpty else { return nil }
        var isUsable = true
        let findings = directories.map { path -> String in
            do {
                let inventory = ModelInventory(try ModelDirectory(path: URL(fileURLWithPath: path).standardizedFileURL.path))
                let lacks = inventory.missing.map { "no \($0.part): \($0.remedy)" }
                if !inventory.faults.isEmpty || (!inventory.canEmbed && inventory.describableInputs == nil) { isUsable = false }
                let can = [inventory.canEmbed ? "embeds" : nil, inventory.describableInputs.map { "predicts from \($0)" }].compactMap { $0 }
                let memory = inventory.memory.map { "\($0.format) \(($0.weightBytes + 500_000) / 1_000_000)" }.joined(separator: ", ")
                return "\(path) " + ((can.isEmpty ? ["holds no model"] : can) + (memory.isEmpty ? [] : ["MB as \(memory)"]) + inventory.faults + lacks).joined(separator: "; ")
            } catch {
                isUsable = false
                return ErrorText.describe(error)
            }
        }
        return Check(check: "model", ok: isUsable, finding: findings.joined(separator: ". "))
    }

    private static func memoryGiB() -> (total: Double, available: Double)? {
        guard let text = FileManager.default.contents(atPath: "/proc/meminfo").map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
        func gibibytes(_ name: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix(name + ":") }?.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { ($0 / 1_048_576 * 10).rounded() / 10 }
        }
        guard let total = gibibytes("MemTotal"), let available = gibibytes("MemAvailable") else { return nil }
        return (total, available)
    }

    /// Of the kernel's driver: what libllama's CUDA build would run on.
    private static func cudaFinding() -> String {
        let places = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/driver/nvidia/gpus"))?.sorted() ?? []
        let names = places.compactMap { place -> String? in
            FileManager.default.contents(atPath: "/proc/driver/nvidia/gpus/\(place)/information").map { String(decoding: $0, as: UTF8.self) }?
                .split(separator: "\n").first { $0.hasPrefix("Model:") }?.dropFirst("Model:".count).trimmingCharacters(in: .whitespaces)
        }
        return names.isEmpty ? "no CUDA device" : "CUDA device\(names.count == 1 ? "" : "s"): \(names.joined(separator: ", "))"
    }
}
