/// The version of this program: shown by `mvfleet --version`, and kept with each worker and coordinator that runs it.
public enum MVFleetVersion {
    /// Raised with every release, by the rules of semantic versioning. What decides whether old outputs are reused is a stage's version, never this one.
    public static let current = "0.4.0"
}
