/// From which confidence on something is said. Below it the text is silent, because a wrong figure costs a reader more than a missing one.
public enum Confidence {
    /// A tempo is said from here on. Beat trackers are about as often wrong as right below it.
    public static let tempo = 0.4
    /// Another reading of the pulse this strong beside the chosen one makes the text name both: half and double are the usual faults of trackers.
    public static let rivalTempo = 0.75
    /// Bars, beats and downbeats count from here on. Claims of synchrony rest on them, so more is asked than of a tempo.
    public static let metre = 0.5
    /// A key is said plainly from here on, …
    public static let key = 0.6
    /// … and as `most likely` from here on; relative and neighbouring keys are the usual fault between the two.
    public static let likelyKey = 0.35
    /// A chord is said from here on.
    public static let chord = 0.4
    /// A kind of video is named in the overview from here on.
    public static let mvType = 0.5
    /// Farther from a beat than this (seconds) is not on it: the tolerance with which beat tracking is scored (MIREX, 70 ms).
    public static let syncTolerance = 0.07
}
