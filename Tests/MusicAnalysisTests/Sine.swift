import Glibc

/// One sample of a sine at the synthesis rate.
func sine(_ frequency: Double, _ index: Int) -> Float {
    Float(sin(2 * Double.pi * frequency * Double(index) / Double(Synthesis.rate)))
}
