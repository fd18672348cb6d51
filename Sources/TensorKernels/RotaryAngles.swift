import Glibc

/// Cosines and sines of rotary positions, computed as far as sequences have come.
///
/// Not for use by two threads at a time.
public final class RotaryAngles {
    /// Half of a head's dimension: the numbers of angles a position.
    public let half: Int
    private let frequencies: [Float]
    /// Invariant: both hold `half` numbers a position for the same positions.
    private(set) var cosines: Activations
    private(set) var sines: Activations

    /// - frequencies: radians a position, one a pair of a head's numbers.
    public init(frequencies: [Float]) {
        half = frequencies.count
        self.frequencies = frequencies
        cosines = Activations(rows: 0, columns: half)
        sines = Activations(rows: 0, columns: half)
    }

    /// Makes sure of the angles of positions 0 ..< `positions`.
    func reserve(positions: Int) {
        guard positions > cosines.rows else { return }
        let rows = max(positions, 2 * cosines.rows, 512)
        let cosines = Activations(rows: rows, columns: half), sines = Activations(rows: rows, columns: half)
        // Invariant: rows × half numbers each.
        for position in 0 ..< rows {
            for index in 0 ..< half {
                // As the reference: the angle in single precision.
                let angle = Double(Float(position) * frequencies[index])
                cosines.pointer[position * half + index] = Float(cos(angle))
                sines.pointer[position * half + index] = Float(sin(angle))
            }
        }
        self.cosines = cosines
        self.sines = sines
    }
}
