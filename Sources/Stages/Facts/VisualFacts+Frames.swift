import Captioning
import DatasetFormat
import Foundation
import VisualAnalysis

/// What the `frames` stage measured, as the captioner's facts.
extension Captioning.VisualFacts {
    package init(_ output: FramesOutput) {
        let report = output.report
        self.init(
            duration: report.source.durationSeconds,
            frames: report.frames.enumerated().map { position, frame in
                let features = frame.features
                return FrameFacts(index: position + 1, time: frame.seconds, brightness: features.brightness, contrast: features.contrast,
                                  saturation: min(features.saturation * Self.saturationScale, 1), palette: features.colours.map { PaletteColour($0.name, $0.share) },
                                  motion: Self.motion(features.motion), camera: features.camera.flatMap(CameraHint.init), shot: features.shot,
                                  isFirstAfterCut: position > 0 && report.frames[position - 1].features.shot != features.shot)
            },
            cuts: report.cuts, averageShotLength: report.averageShotSeconds, motionMean: Self.motion(Self.mean(report.motionPerSecond)),
            brightnessMean: Self.mean(report.brightnessPerSecond), palette: report.palette.map { PaletteColour($0.name, $0.share) },
            isStatic: report.isStatic, staticKind: report.isStatic ? report.staticKind.rawValue : nil)
    }

    /// Distance from grey in the chroma plane reaches about half of what saturation as people name it reaches.
    private static let saturationScale = 2.0
    /// The change of luma at which half of the picture seems to move.
    private static let motionScale = 0.06

    /// Mean change of luma, which is small even in lively pictures, as a share of what can move, 0…1.
    private static func motion(_ lumaChange: Double) -> Double {
        (1000 * (1 - exp(-lumaChange / motionScale))).rounded() / 1000
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

extension CameraHint {
    fileprivate init?(_ camera: FrameFeatures.Camera) {
        switch camera {
        case .still: self = .fixed
        case .zoomIn: self = .zoomIn
        case .zoomOut: self = .zoomOut
        case .panLeft: self = .panLeft
        case .panRight: self = .panRight
        case .tiltUp: self = .tiltUp
        case .tiltDown: self = .tiltDown
        }
    }
}

extension FramesOutput {
    /// The clip's main colours, as a dataset carries them.
    var datasetPalette: [DatasetFormat.VisualFacts.Colour] {
        report.palette.map { .init(hex: $0.hex, share: $0.share) }
    }
}
