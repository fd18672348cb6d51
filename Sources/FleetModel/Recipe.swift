/// A stage's settings, immutable and hashed: algorithm, its version, and every parameter that can change the output.
public struct Recipe: Hashable, Sendable {
    public let stage: StageName
    /// The version of the stage's algorithm. It is part of the queue's name, so that an old worker never runs a new recipe.
    public let version: Int
    /// Canonical JSON: an object with sorted keys and no white space.
    public let settings: String
    public let digest: Digest

    public init(stage: StageName, version: Int, settings: String) {
        self.stage = stage
        self.version = version
        self.settings = settings
        digest = Digest.of("recipe\n\(stage)\n\(version)\n\(settings)")
    }
}

/// SHA-256 over a stage, its recipe, the digests of the source fields that it reads, and its upstream fingerprints.
public struct Fingerprint: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let digest: Digest

    public init(digest: Digest) { self.digest = digest }

    /// The one pure function; golden tests pin it. Order of the arguments does not matter.
    public init(recipe: Recipe, sources: [SourceField: Digest], upstream: [StageName: Fingerprint]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64 + 48 * (1 + sources.count + upstream.count))
        bytes += "mvfleet fingerprint 1\n".utf8
        bytes += recipe.stage.rawValue.utf8
        bytes.append(10)
        bytes += recipe.digest.bytes
        for (field, digest) in sources.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            bytes += "\nsource ".utf8
            bytes += field.rawValue.utf8
            bytes.append(10)
            bytes += digest.bytes
        }
        for (stage, fingerprint) in upstream.sorted(by: { $0.key < $1.key }) {
            bytes += "\nupstream ".utf8
            bytes += stage.rawValue.utf8
            bytes.append(10)
            bytes += fingerprint.digest.bytes
        }
        digest = Digest.of(bytes)
    }

    public var description: String { digest.hex }

    public static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.digest < right.digest }
}
