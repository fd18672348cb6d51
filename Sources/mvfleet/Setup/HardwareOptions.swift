import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Media
import Stages

extension HardwareDecoding: ExpressibleByArgument {}

/// What every command takes that decodes video. Of the machine and not of the recipe: results are the same either way.
struct HardwareOptions: ParsableArguments {
    @Option(name: .customLong("hardware-decoding"),
            help: ArgumentHelp("What decodes H.264, HEVC, VP8, VP9 and AV1 where it is there; software does the rest. Frames are the same.",
                               discussion: "Also MVFLEET_HARDWARE_DECODING. 'auto' is cuda before vaapi; 'mvfleet doctor' says what works. Default: off.",
                               valueName: HardwareDecoding.allCases.map(\.rawValue).joined(separator: "|")))
    var hardwareDecoding: HardwareDecoding?

    /// The flag over the environment.
    func resolved() throws -> HardwareDecoding { try HardwareDecoding.configured(hardwareDecoding) }
}

extension HardwareDecoding {
    /// A flag's value over the environment's over a configuration file's.
    static func configured(_ flag: HardwareDecoding?, environment: [String: String] = ProcessInfo.processInfo.environment, file: String? = nil) throws -> HardwareDecoding {
        if let flag { return flag }
        let variable = environment["MVFLEET_HARDWARE_DECODING"].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = variable ?? file else { return .off }
        guard let value = HardwareDecoding(rawValue: text) else {
            throw FleetError("configuration.invalid", "MVFLEET_HARDWARE_DECODING (hardware_decoding) is '\(text)': use one of \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }
}

extension ChildProcessPool.Configuration {
    /// What a driver needs to be found, or to choose a device; of the worker's own environment.
    private static let driverVariables = ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "LIBVA_DRIVER_NAME", "LIBVA_DRIVERS_PATH", "LD_LIBRARY_PATH"]

    /// Children of this very program, with nothing in their environment but what makes numbers the same everywhere, and what drivers need.
    static func media(size: Int, hardware: HardwareDecoding) -> ChildProcessPool.Configuration {
        // Arrays of a few megabytes come and go all the time: given back to the kernel each time, they cost a tenth of the processor time of an audio clip.
        var environment = ["OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8", "MALLOC_TRIM_THRESHOLD_": "8388608", "MALLOC_MMAP_THRESHOLD_": "8388608"]
        guard hardware != .off else {
            return ChildProcessPool.Configuration(executable: "/proc/self/exe", arguments: [MediaChild.name], environment: environment, size: size)
        }
        for name in driverVariables { environment[name] = ProcessInfo.processInfo.environment[name] }
        // A child writes no files.
        environment["CUDA_CACHE_DISABLE"] = "1"
        environment["MESA_SHADER_CACHE_DISABLE"] = "true"
        return ChildProcessPool.Configuration(executable: "/proc/self/exe", arguments: [MediaChild.name, MediaChild.hardwareOption + hardware.rawValue], environment: environment,
                                              size: size, spareArguments: [MediaChild.name])
    }
}
