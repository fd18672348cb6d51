import ArgumentParser
import Fleet
import FleetModel
import Foundation

/// Where `--plot` puts its pictures: one file, or a folder with a file for each clip. Settled before any work is done.
struct PlotDestination: Sendable {
    private enum Place {
        case file(String)
        case folder(String)
    }

    private let place: Place

    /// - Parameters:
    ///   - argument: what was given: a path that ends in `.svg` is a file, every other is a folder, which is made.
    ///   - paths: the media files that will be drawn.
    init(_ argument: String, paths: [String]) throws {
        guard !argument.isEmpty else { throw ValidationError("--plot is empty: give an .svg file, or a folder") }
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: argument, isDirectory: &isDirectory)
        let isFolder = exists ? isDirectory.boolValue : !argument.lowercased().hasSuffix(".svg")
        guard isFolder else {
            try Self.checkFile(argument, paths)
            place = .file(argument)
            return
        }
        try Self.checkNames(paths)
        do {
            try FileManager.default.createDirectory(atPath: argument, withIntermediateDirectories: true)
        } catch {
            throw Self.unwritable(argument, cause: error)
        }
        guard FileManager.default.isWritableFile(atPath: argument) else { throw Self.unwritable(argument, cause: nil) }
        place = .folder(argument)
    }

    func write(_ plot: String, of clip: String) throws {
        let path: String
        switch place {
        case .file(let file): path = file
        case .folder(let folder): path = "\(folder)/\(clip).svg"
        }
        do {
            try Data(plot.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw Self.unwritable(path, cause: error)
        }
    }

    private static func checkFile(_ file: String, _ paths: [String]) throws {
        guard paths.count <= 1 else {
            throw ValidationError("--plot \(file) is one picture, and there are \(paths.count) files: give a folder, which gets a picture for each")
        }
        // A recording is not overwritten with its picture.
        guard file.lowercased().hasSuffix(".svg") else {
            throw ValidationError("--plot \(file) is a file that exists and is no .svg: give a name that ends in .svg, or a folder")
        }
        let parent = URL(fileURLWithPath: file).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: parent) else { throw unwritable(file, cause: nil) }
    }

    /// Two files of one name would be drawn to one picture.
    private static func checkNames(_ paths: [String]) throws {
        var seen: [String: String] = [:]
        for path in paths {
            let name = (path as NSString).lastPathComponent
            if let first = seen.updateValue(path, forKey: name) {
                throw ValidationError("\(first) and \(path) would both be drawn to \(name).svg: analyse them one after the other, with different folders for --plot")
            }
        }
    }

    private static func unwritable(_ path: String, cause: (any Error)?) -> FleetError {
        FleetError("output.write", "no plot can be written to \(path): check that its folder is there and may be written, and that there is room", cause: cause)
    }
}
