/// Where in its stretch of the grid each frame is taken. The grid is the recipe's: `offset_s`, `offset_s` + `interval_s`, …
public enum FrameAlignment: String, Codable, CaseIterable, Sendable {
    /// At the grid's own times: 0, 2, 4 … seconds in the paper (§2.1.1).
    case grid
    /// At the nearest downbeat within half an interval, as the `audio` stage found it; where there is none, at the grid's time.
    case downbeats
    /// At the grid's time where the shot that begins the stretch also fills most of it; otherwise in the middle of the shot that does.
    case shots

    /// - Parameters:
    ///   - grid: seconds, ascending, `interval` apart.
    ///   - downbeats: seconds, in any order.
    /// - Returns: as many times as the grid has, ascending, none twice.
    package static func onDownbeats(_ grid: [Double], interval: Double, downbeats: [Double]) -> [Double] {
        let downbeats = downbeats.filter { $0 >= 0 }.sorted()
        return grid.map { time in
            downbeats.filter { $0 >= time - interval / 2 && $0 < time + interval / 2 }.min { abs($0 - time) < abs($1 - time) } ?? time
        }
    }

    /// - Parameters:
    ///   - grid: seconds, ascending, `interval` apart.
    ///   - cuts: seconds of the first frame of each new shot, ascending.
    ///   - duration: seconds of the video.
    /// - Returns: as many times as the grid has, ascending, none twice.
    package static func withinShots(_ grid: [Double], interval: Double, cuts: [Double], duration: Double) -> [Double] {
        grid.map { time in
            let end = min(time + interval, duration)
            let borders = [time] + cuts.filter { $0 > time && $0 < end } + [end]
            let shots = zip(borders, borders.dropFirst())
            guard let longest = shots.max(by: { $0.1 - $0.0 < $1.1 - $1.0 }), longest.0 > time else { return time }
            return (longest.0 + longest.1) / 2
        }
    }
}
