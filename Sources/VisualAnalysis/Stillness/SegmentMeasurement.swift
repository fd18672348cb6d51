/// Measures stretches of key pictures.
package struct SegmentMeasurement {
    private let keys: [KeyPictures.Key]
    private let smooth: [SmoothPicture]

    private static let pairSeconds = 1.0
    private static let longPairSeconds = 4.0
    /// A pair whose changed area is below this shows one picture.
    private static let stillArea = 0.02
    private static let activeArea = 0.004
    /// Pictures laid over each other at a time.
    private static let windowPictures = 9
    private static let nothingTouched = 0.01
    /// A line of words is so many times as wide as high; and its change that steep, over its size, along the line.
    private static let lineElongation = 2.5
    private static let strokeSlope: Float = 0.2
    private static let smallestPatch = 6

    package init(_ keyPictures: KeyPictures) {
        keys = keyPictures.keys
        smooth = keys.map { SmoothPicture($0.picture) }
    }

    /// - Returns: nil when fewer than two key pictures lie between `start` (included) and `end` (excluded), in seconds.
    package func measure(start: Double, end: Double) -> (segment: SegmentMotion, camera: [CameraStep])? {
        let inside = keys.indices.filter { keys[$0].seconds >= start - 1e-6 && keys[$0].seconds < end - 1e-6 }
        guard let first = inside.first, let last = inside.last, first < last else { return nil }
        var segment = SegmentMotion(startSeconds: keys[first].seconds, endSeconds: keys[last].seconds)
        let chosen = spaced(inside)
        let area = Double(smooth[first].samples.count)
        var camera: [CameraStep] = []
        var changes: [[Bool]] = []
        for (from, to) in zip(chosen, chosen.dropFirst()) {
            let (fit, changed) = compare(from, to)
            changes.append(changed)
            camera.append(CameraStep(startSeconds: keys[from].seconds, endSeconds: keys[to].seconds, motion: fit.motion,
                                     explained: fit.before > 0.05 ? max(0, 1 - fit.after / fit.before) : 1, difference: fit.before,
                                     changedArea: Double(changed.count { $0 }) / area,
                                     lineArea: lineArea(changed, fit.residual, width: smooth[first].width)))
        }
        let areas = changes.map { Double($0.count { $0 }) / area }
        segment.pairs = changes.count
        segment.stillShare = Double(areas.count { $0 <= Self.stillArea }) / Double(max(areas.count, 1))
        segment.changedArea = mean(areas)
        segment.contrast = mean(chosen.map { smooth[$0].contrast })
        describeCamera(camera, &segment)

        var touched = [Bool](repeating: false, count: Int(area))
        for change in changes { for index in change.indices where change[index] { touched[index] = true } }
        let touchedCount = Double(touched.count { $0 })
        segment.touchedArea = touchedCount / area
        segment.touchedPatch = Double(Patches(touched, width: smooth[first].width).map(\.count).max() ?? 0) / area
        segment.concentration = mean(areas.filter { $0 > Self.activeArea }.map { $0 * area / max(touchedCount, 1) })
        segment.rectangularity = rectangularity(touched, width: smooth[first].width)
        describeLongPairs(chosen, touched, camera, &segment)
        describeFrames(inside, chosen, touched, end: end, &segment)
        segment.lineShare = lineShare(changes, width: smooth[first].width)
        // Nothing lies over what hardly ever changes.
        guard segment.touchedArea > Self.nothingTouched || segment.changedAreaFourSeconds > Self.nothingTouched else { return (segment, camera) }
        segment.overlay = overlay(chosen, camera)
        segment.disc = TurningDisc(touched: touched, pictures: inside.map { (smooth[$0], keys[$0].seconds) })
        return (segment, camera)
    }

    /// Keys about a second apart; of a shorter stretch the first and the last.
    private func spaced(_ inside: [Int]) -> [Int] {
        guard let first = inside.first, let last = inside.last else { return [] }
        var chosen = [first]
        for index in inside where keys[index].seconds >= keys[chosen[chosen.count - 1]].seconds + Self.pairSeconds - 0.05 { chosen.append(index) }
        if chosen.count == 1, last != first { chosen.append(last) }
        return chosen
    }

    /// The fit between two keys, and where the picture changed beyond it.
    private func compare(_ from: Int, _ to: Int, start: GlobalMotion = GlobalMotion()) -> (fit: GlobalMotion.Fit, changed: [Bool]) {
        let earlier = smooth[from], later = smooth[to]
        let fit = GlobalMotion.fit(from: earlier, to: later, start: start)
        // A fit that throws the picture away explains nothing.
        guard fit.motion.gain > 0.2, fit.shownShare > 0.5 else { return (fit, [Bool](repeating: true, count: earlier.samples.count)) }
        let (tolerance, misfit) = tolerance(fit, earlier, later)
        var changed = [Bool](repeating: false, count: fit.residual.count)
        for y in 0..<earlier.height {
            for x in 0..<earlier.width {
                let index = y * earlier.width + x
                guard fit.isShown[index], fit.residual[index] > tolerance else { continue }
                changed[index] = fit.residual[index] > tolerance + misfit * max(earlier.slope(x: x, y: y), later.slope(x: x, y: y))
            }
        }
        return (fit, changed)
    }

    /// Luma difference that noise makes, and what a misfit makes of each level of slope.
    private func tolerance(_ fit: GlobalMotion.Fit, _ earlier: SmoothPicture, _ later: SmoothPicture) -> (noise: Float, misfit: Float) {
        let base = min(max(0.04 * min(earlier.contrast, later.contrast), 1.5), 4)
        // What an eighth of a pixel of misfit makes of a slope is no change; a picture that moved was sampled anew, which misfits by more.
        let moved = abs(fit.motion.zoom) * Double(earlier.width) / 4 + abs(fit.motion.shiftX) + abs(fit.motion.shiftY)
        return (Float(min(max(base, 4 * median(fit.residual)), 8)), Float(0.12 + 0.18 * min(1, moved)))
    }

    /// Lays the chosen pictures, in windows of a few seconds, over the middle one of each, and measures what departs.
    private func overlay(_ chosen: [Int], _ camera: [CameraStep]) -> OverlayMeasurement {
        guard chosen.count >= 4 else { return OverlayMeasurement() }
        let windows = max(1, Int((Double(chosen.count) / Double(Self.windowPictures)).rounded()))
        let measurements = (0..<windows).map { window in
            let from = window * chosen.count / windows, to = (window + 1) * chosen.count / windows
            let middle = (from + to) / 2, reference = smooth[chosen[middle]]
            // By position in the window, so that they end up by time.
            var layers: [Int: AlignedPicture] = [middle: AlignedPicture(samples: reference.samples, isShown: [Bool](repeating: true, count: reference.samples.count), tolerance: 4, misfit: 0.12)]
            for direction in [-1, 1] {
                var motion = GlobalMotion()
                var position = middle + direction
                while position >= from, position < to {
                    motion = motion.followed(by: direction > 0 ? camera[position - 1].motion : camera[position].motion.inverse)
                    let fit = GlobalMotion.fit(from: reference, to: smooth[chosen[position]], start: motion)
                    if fit.motion.gain > 0.2, fit.shownShare > 0.5 {
                        motion = fit.motion
                        let (noise, misfit) = tolerance(fit, reference, smooth[chosen[position]])
                        let gain = Float(fit.motion.gain), offset = Float(fit.motion.offset)
                        layers[position] = AlignedPicture(samples: fit.aligned.map { ($0 - offset) / gain }, isShown: fit.isShown, tolerance: noise, misfit: misfit)
                    }
                    position += direction
                }
            }
            return OverlayMeasurement((from..<to).compactMap { layers[$0] }, width: reference.width, height: reference.height)
        }
        return OverlayMeasurement(measurements)
    }

    private func describeCamera(_ camera: [CameraStep], _ segment: inout SegmentMotion) {
        let width = Double(smooth.first?.width ?? 1)
        segment.zoomPerSecond = median(camera.map { abs($0.motion.zoom) / max($0.endSeconds - $0.startSeconds, 0.1) })
        segment.shiftPerSecond = median(camera.map {
            ($0.motion.shiftX * $0.motion.shiftX + $0.motion.shiftY * $0.motion.shiftY).squareRoot() / width / max($0.endSeconds - $0.startSeconds, 0.1)
        })
        segment.unsteadiness = mean(zip(camera, camera.dropFirst()).map {
            (abs($1.motion.shiftX - $0.motion.shiftX) + abs($1.motion.shiftY - $0.motion.shiftY)) / width
        })
        segment.lightChange = mean(camera.map { abs($0.motion.gain - 1) + abs($0.motion.offset) / 255 })
    }

    private func describeLongPairs(_ chosen: [Int], _ touched: [Bool], _ camera: [CameraStep], _ segment: inout SegmentMotion) {
        let stride = Int(Self.longPairSeconds / Self.pairSeconds)
        var areas: [Double] = [], elsewhere: [Double] = []
        for start in Swift.stride(from: 0, to: max(chosen.count - stride, 0), by: stride / 2) {
            let way = camera[start..<start + stride].reduce(GlobalMotion()) { $0.followed(by: $1.motion) }
            let changed = compare(chosen[start], chosen[start + stride], start: way).changed
            areas.append(Double(changed.count { $0 }) / Double(changed.count))
            elsewhere.append(Double(changed.indices.count { changed[$0] && !touched[$0] }) / Double(changed.count))
        }
        segment.changedAreaFourSeconds = mean(areas)
        segment.changeElsewhere = mean(elsewhere)
    }

    private func describeFrames(_ inside: [Int], _ chosen: [Int], _ touched: [Bool], end: Double, _ segment: inout SegmentMotion) {
        var whole: [Double] = [], within: [Double] = []
        // Where the camera moves, frames are compared by what its movement leaves; that is dearer, and done once a second.
        let isSteady = segment.zoomPerSecond < 0.003 && segment.shiftPerSecond < 0.003
        for index in isSteady ? inside : chosen {
            guard let following = keys[index].following, following.seconds < end - 1e-6, following.picture.hasSize(of: keys[index].picture) else { continue }
            whole.append(PictureDistance.luma(keys[index].picture, following.picture))
            within.append(isSteady ? difference(keys[index].picture, following.picture, in: touched)
                : mean(GlobalMotion.fit(from: smooth[index], to: SmoothPicture(following.picture)).residual, in: touched))
        }
        segment.frameNoise = mean(whole)
        guard touched.contains(true), !within.isEmpty else { return }
        segment.restShare = Double(within.count { $0 < 0.5 }) / Double(within.count)
        let perSecond = mean(zip(chosen, chosen.dropFirst()).map {
            isSteady ? difference(keys[$0].picture, keys[$1].picture, in: touched) : mean(GlobalMotion.fit(from: smooth[$0], to: smooth[$1]).residual, in: touched)
        })
        segment.restlessness = mean(within) / max(perSecond, 0.1)
    }

    /// Mean absolute luma difference over the marked samples.
    private func difference(_ a: Thumbnail, _ b: Thumbnail, in marked: [Bool]) -> Double {
        var total = 0, count = 0
        for index in marked.indices where marked[index] {
            total += abs(Int(a.luma[index]) - Int(b.luma[index]))
            count += 1
        }
        return count > 0 ? Double(total) / Double(count) : 0
    }

    /// Patches within two samples of each other in a row are one: letters make lines. Smaller patches say nothing of their shape.
    private func linePatches(_ change: [Bool], width: Int) -> (lines: [Patches.Patch], samples: Int) {
        let patches = Patches(change, width: width, bridging: 2).filter { $0.count >= Self.smallestPatch }
        return (patches.filter { Double($0.width) >= Self.lineElongation * Double($0.height) }, patches.reduce(0) { $0 + $1.count })
    }

    private func lineShare(_ changes: [[Bool]], width: Int) -> Double {
        var inLines = 0, total = 0
        for change in changes {
            let (lines, samples) = linePatches(change, width: width)
            inLines += lines.reduce(0) { $0 + $1.count }
            total += samples
        }
        return total > 0 ? Double(inLines) / Double(total) : 0
    }

    /// Share of the area within lines whose change has steep sides, as strokes have.
    private func lineArea(_ changed: [Bool], _ residual: [Float], width: Int) -> Double {
        var inLines = 0
        for line in linePatches(changed, width: width).lines {
            var size: Float = 0, slope: Float = 0
            for y in line.top...line.bottom {
                for x in max(line.left, 1)...min(max(line.right, 1), width - 2) where changed[y * width + x] {
                    size += residual[y * width + x]
                    slope += abs(residual[y * width + x + 1] - residual[y * width + x - 1]) / 2
                }
            }
            if slope >= Self.strokeSlope * size { inLines += line.count }
        }
        return Double(inLines) / Double(max(changed.count, 1))
    }

    private func rectangularity(_ marked: [Bool], width: Int) -> Double {
        let indices = marked.indices.filter { marked[$0] }
        guard let top = indices.first.map({ $0 / width }), let bottom = indices.last.map({ $0 / width }),
              let left = indices.map({ $0 % width }).min(), let right = indices.map({ $0 % width }).max() else { return 0 }
        return Double(indices.count) / Double((bottom - top + 1) * (right - left + 1))
    }

    private func mean(_ values: [Float], in marked: [Bool]) -> Double {
        var total = 0.0, count = 0
        for index in marked.indices where marked[index] {
            total += Double(values[index])
            count += 1
        }
        return count > 0 ? total / Double(count) : 0
    }

    private func median(_ values: [Float]) -> Double {
        var counts = [Int](repeating: 0, count: 1025)
        for value in values { counts[min(max(Int(value * 16), 0), 1024)] += 1 }
        var left = values.count / 2
        for (bin, count) in counts.enumerated() {
            left -= count
            if left < 0 { return Double(bin) / 16 }
        }
        return 0
    }

    private func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
