/// The pictures that are kept: five a second, each with one that follows soon, so that memory does not grow with the frame rate.
package struct KeyPictures: Sendable {
    package struct Key: Sendable {
        package var seconds: Double
        package var picture: Thumbnail
        /// The first picture at least 0.06 s later, and its time: two frames on, so that frames repeated to reach a frame rate do not pass for rest.
        package var following: (picture: Thumbnail, seconds: Double)?
        package var statistics: PictureStatistics
    }

    package static let intervalSeconds = 0.2
    private static let followingSeconds = 0.06
    /// Time stamps of neighbouring frames are rounded to a millisecond in some containers.
    private static let slackSeconds = 0.001

    package private(set) var keys: [Key] = []

    package init() {}

    package mutating func add(_ picture: Thumbnail, statistics: PictureStatistics, seconds: Double) {
        if let last = keys.indices.last {
            if keys[last].following == nil, seconds >= keys[last].seconds + Self.followingSeconds - Self.slackSeconds {
                keys[last].following = (picture, seconds)
            }
            guard seconds >= keys[last].seconds + Self.intervalSeconds - Self.slackSeconds else { return }
            // One size for the whole: where a video changes its picture size, the first size stands.
            guard keys[last].picture.hasSize(of: picture) else { return }
        }
        keys.append(Key(seconds: seconds, picture: picture, following: nil, statistics: statistics))
    }

    /// Mean absolute luma difference from key `index` to the next, 0…255.
    package func change(after index: Int) -> Double {
        PictureDistance.luma(keys[index].picture, keys[index + 1].picture)
    }
}
