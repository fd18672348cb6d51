/// An answer that holds whatever the facts are, because it claims nothing: for dry runs, and for servers that stand in for a model.
public enum ExampleAnswer {
    /// - Parameters:
    ///   - name: the schema's name, as in ``PromptRequest/Schema/name``.
    ///   - json: the schema's text.
    /// - Returns: JSON text; nil for a schema that is none of this module's.
    public static func json(schema name: String, _ json: String) -> String? {
        var reader = LenientJSON(Array(json.utf8)[...])
        guard let schema = try? reader.value() else { return nil }
        let properties = schema["properties"]
        let indices = properties?["frames"]?["items"]?["properties"]?["index"]?["enum"]?.array?.compactMap(\.integer) ?? []
        let count = properties?["frames"]?["minItems"]?.integer ?? 0
        func frames(_ member: String) -> JSONValue.Member {
            .init("frames", .array(indices.prefix(count).map { index in
                let scene = scenes[((index - 1) % scenes.count + scenes.count) % scenes.count]
                return .object([.init("index", .number(Double(index))), .init("title", .string(scene.title)), .init(member, .string(scene.text))])
            }))
        }
        switch name {
        case "music_caption", "unified_caption": return JSONValue.object([.init("caption", .string(music))]).rendered
        case "lyrics_understanding": return JSONValue.object([.init("summary", .string(lyrics))]).rendered
        case "mv_types":
            let type = JSONValue.object([.init("name", .string(MVType.artistic.rawValue)), .init("evidence_frames", .array([])), .init("confidence", .number(0.5)),
                                         .init("reason", .string("Light and texture lead, and no story is told."))])
            return JSONValue.object([.init("types", .array([type]))]).rendered
        case "frame_captions": return JSONValue.object([frames("caption")]).rendered
        case "mv_description": return JSONValue.object([.init("overview", .string(overview)), frames("description")]).rendered
        case "mv_description_frames": return JSONValue.object([frames("description")]).rendered
        default: return nil
        }
    }

    private static let music = """
        The recording holds a steady mood from start to finish, with a warm middle and little that breaks away from it. Its sound leaves room around \
        each event, so that small changes of colour are what the ear follows, and the impression that stays is one of patience.
        """

    private static let lyrics = """
        Somebody looks back on a time that is over and weighs what was gained against what was given up. Places and seasons stand for feelings, and \
        towards the close regret makes way for a quiet wish to begin again.
        """

    private static let overview = """
        The video gathers scenes of an evening that opens outward: interiors give way to streets, streets to water and sky, until the view has room to \
        breathe. Light is its real subject, falling on walls, faces and fabric and changing their weight from scene to scene. People appear as \
        passers-by more than as characters, and the editing lets each of them come and go. What begins as closeness ends in distance, gently and \
        without explanation.
        """

    private static let scenes: [(title: String, text: String)] = [
        ("Lamp Before Dusk", "A paper lamp glows beside a curtained window while the room around it sinks into brown shadow."),
        ("Open Doorway", "Somebody leans against a doorframe, half turned away, and daylight cuts the floor behind them into stripes."),
        ("Hands And Thread", "Close to the lens, fingers pull blue thread through rough linen; the cloth fills the whole view."),
        ("Rain On Glass", "Drops run down a windscreen and bend the street lights behind it into long amber smears."),
        ("Empty Platform", "A railway platform lies deserted under cold tubes of light, its benches wet and its clock unreadable."),
        ("Red Umbrella Crossing", "Seen from above, a red umbrella drifts across pale paving stones among darker, hurrying coats."),
        ("Market Colours", "Crates of oranges and limes crowd the foreground as vendors reach over them with paper bags."),
        ("Stairwell Spiral", "The camera peers down a spiral stairwell where banisters curl away into a dim green centre."),
        ("Swimmer Below", "Underwater, a swimmer in white stretches towards the surface through columns of trembling silver light."),
        ("Rooftop Washing", "Sheets billow on a rooftop line; between them, chimneys and aerials stand against a milky sky."),
        ("Dust In Sunlight", "An old cinema hall, its seats folded, shows floating dust where sunshine enters from a broken shutter."),
        ("Field Of Barley", "Ripe barley sways to the horizon, and a narrow path divides it with a lone bicycle left behind."),
        ("Harbour Haze", "Fishing boats rest in thick haze, masts fading upward, while gulls settle along the quay wall."),
        ("Fire On Sand", "Friends gather around driftwood flames on a beach; sparks climb past their knees into violet air."),
        ("Distant Lighthouse", "Far off, a lighthouse blinks over black water, and the last glow leaves a thin copper edge."),
    ]
}
