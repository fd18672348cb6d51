import Testing
import VisualAnalysis

@Suite struct ColourTests {
    /// CIE L*a*b* of sRGB primaries under D65, from Lindbloom's calculator (brucelindbloom.com); two decimals.
    @Test(arguments: [((1.0, 0.0, 0.0), (53.24, 80.09, 67.20)), ((0, 1, 0), (87.73, -86.18, 83.18)), ((0, 0, 1), (32.30, 79.19, -107.86)), ((1, 1, 1), (100, 0, 0))])
    func labFollowsTheStandard(rgb: (Double, Double, Double), lab: (Double, Double, Double)) {
        let colour = LabColour(red: rgb.0, green: rgb.1, blue: rgb.2)
        #expect(abs(colour.lightness - lab.0) < 0.02 && abs(colour.a - lab.1) < 0.02 && abs(colour.b - lab.2) < 0.02)
    }

    @Test(arguments: [("red", 0.85, 0.1, 0.12), ("blue", 0.1, 0.3, 0.8), ("black", 0.03, 0.03, 0.03), ("white", 0.98, 0.98, 0.97), ("grey", 0.48, 0.47, 0.48), ("orange", 0.95, 0.55, 0.1)])
    func coloursHaveTheirEverydayNames(name: String, red: Double, green: Double, blue: Double) {
        #expect(ColourName.nearest(to: LabColour(red: red, green: green, blue: blue)) == name)
    }

    @Test func aPaletteGivesSharesOfTheArea() {
        // A quarter white above black; JFIF chroma 128 is grey.
        let picture = Thumbnail(width: 16, height: 16, luma: (0..<256).map { $0 < 64 ? 250 : 5 }, blueDifference: .init(repeating: 128, count: 256),
                                redDifference: .init(repeating: 128, count: 256))
        let colours = Palette.colours(of: [picture], count: 4)
        #expect(colours.map(\.name) == ["black", "white"])
        #expect(colours.map(\.share) == [0.75, 0.25])
        #expect(colours.map(\.hex) == ["#050505", "#fafafa"])
    }

    @Test func noPicturesHaveNoPalette() {
        #expect(Palette.colours(of: [], count: 4).isEmpty)
    }
}
