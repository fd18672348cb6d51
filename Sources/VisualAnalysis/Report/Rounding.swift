/// Figures at the border of the module: rounded, so that results are equal where they mean the same.
enum Rounding {
    /// Rounded to `decimals` places; never −0, never NaN.
    static func round(_ value: Double, decimals: Int = 4) -> Double {
        guard value.isFinite else { return 0 }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let rounded = (value * scale).rounded() / scale
        return rounded == 0 ? 0 : rounded
    }

    /// The rounded value's shortest decimal form.
    static func text(_ value: Double, decimals: Int) -> String { "\(round(value, decimals: decimals))" }
}
