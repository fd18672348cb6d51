/// The two cards of a dataset: front matter from which `datasets.load_dataset` knows splits and features without looking at the data,
/// and a text for people.
struct DatasetCard {
    private let plan: DatasetPlan
    private let splits: [DatasetManifest.Side]

    init(plan: DatasetPlan, splits: [DatasetManifest.Side]) {
        self.plan = plan
        self.splits = splits
    }

    /// `wds/README.md`.
    var webDataset: String {
        var members: [(name: String, type: FeatureType)] = [("json", .field(.structure(DatasetRecord.fields(plan.extras)))), ("txt", .field(.string))]
        members += plan.attachments.map { ($0.text, $0.isImage ? .image : .binary) }
        members.sort { $0.name < $1.name }
        members += [("__key__", .field(.string)), ("__url__", .field(.string))]
        let files = splits.filter { $0.samples > 0 }.map { ($0.name.rawValue, "\($0.name.rawValue)/\($0.name.rawValue)-*.tar") }
        return frontMatter(features: members, files: files) + text(layout: webDatasetLayout)
    }

    /// `hf/README.md`.
    var huggingFace: String {
        let columns = DatasetRecord.fields(plan.extras).map { (name: $0.name, type: FeatureType.field($0.type)) }
        let files = splits.filter { $0.samples > 0 }.map { ($0.name.rawValue, "data/\($0.name.rawValue)-*.parquet") }
        return frontMatter(features: columns, files: files) + text(layout: parquetLayout)
    }

    // MARK: Front matter

    private enum FeatureType {
        case field(FieldType)
        case image
        case binary
    }

    private func frontMatter(features: [(name: String, type: FeatureType)], files: [(split: String, pattern: String)]) -> String {
        var lines = ["---", "pretty_name: \(CardText.quoted(plan.title))", "license: other", "language:", "- en", "tags:", "- music", "- music-video"]
        if !files.isEmpty {
            lines += ["configs:", "- config_name: default", "  data_files:"]
            for (split, pattern) in files { lines += ["  - split: \(split)", "    path: \(CardText.quoted(pattern))"] }
        }
        lines += ["dataset_info:", "  features:"]
        for (name, type) in features {
            switch type {
            case .field(let type): lines += feature(name, type, indent: "  ")
            case .image: lines += ["  - name: \(CardText.quoted(name))", "    dtype: image"]
            case .binary: lines += ["  - name: \(CardText.quoted(name))", "    dtype: binary"]
            }
        }
        return lines.joined(separator: "\n") + "\n---\n\n"
    }

    private func feature(_ name: String, _ type: FieldType, indent: String) -> [String] {
        ["\(indent)- name: \(CardText.quoted(name))"] + body(type, indent: indent + "  ")
    }

    private func body(_ type: FieldType, indent: String) -> [String] {
        if let scalar = DatasetCard.dtype(type) { return ["\(indent)dtype: \(scalar)"] }
        switch type {
        case .list(.structure(let fields)): return ["\(indent)list:"] + fields.flatMap { feature($0.name, $0.type, indent: indent) }
        case .list(let element):
            guard let scalar = DatasetCard.dtype(element) else { return ["\(indent)list:"] + body(element, indent: indent + "  ") }
            return ["\(indent)list: \(scalar)"]
        case .structure(let fields): return ["\(indent)struct:"] + fields.flatMap { feature($0.name, $0.type, indent: indent) }
        case .string, .int, .float, .bool: return []
        }
    }

    private static func dtype(_ type: FieldType) -> String? {
        switch type {
        case .string: "string"
        case .int: "int64"
        case .float: "float64"
        case .bool: "bool"
        case .list, .structure: nil
        }
    }

    // MARK: Text

    private var webDatasetLayout: String {
        let members = (["json", "txt"] + plan.attachments.map(\.text)).sorted().map { "`\($0)`" }.joined(separator: ", ")
        return """
            WebDataset shards `<split>/<split>-NNNNNN.tar`. Every sample has the members \(members): `json` holds all fields below, `txt` the field `text` \
            alone. Samples ascend by key.

            ```python
            from datasets import load_dataset
            samples = load_dataset("path/to/wds", split="train")        # samples[0]["json"]["overview"]

            import glob, webdataset
            shards = sorted(glob.glob("path/to/wds/train/train-*.tar"))
            samples = webdataset.WebDataset(shards, shardshuffle=False).decode()
            ```

            """
    }

    private var parquetLayout: String {
        """
        Parquet files `data/<split>-NNNNN-of-NNNNN.parquet`, Zstandard-compressed, without nulls. Samples ascend by key.

        ```python
        from datasets import load_dataset
        samples = load_dataset("path/to/hf", split="train")         # samples[0]["overview"]
        ```

        """
    }

    private func text(layout: String) -> String {
        [
            "# \(CardText.plain(plan.title))\n",
            """
            Descriptions of music videos for clips of music: each sample pairs what was measured in the music with a description of a video for it, as an \
            overview and a frame-by-frame breakdown.

            | split | samples | artist groups |
            | --- | ---: | ---: |
            \(splits.map { "| \($0.name) | \($0.samples) | \($0.artistGroups) |" }.joined(separator: "\n"))

            """,
            "## Loading\n", layout,
            "## Method\n", method,
            "## Fields\n", "| field | type | meaning |\n| --- | --- | --- |\n" + rows(DatasetRecord.fields(plan.extras), prefix: "").joined(separator: "\n") + "\n",
            "Nothing is null: what is absent has the neutral value named above. Times are seconds from the clip's start.\n",
            "## Split\n", proof,
            "## Clips that are not in it\n", endings,
            "## Recipes\n", recipes,
            "## Licence\n", CardText.plain(plan.licenceNote) + "\n",
        ].joined(separator: "\n")
    }

    private var method: String {
        """
        The pipeline is that of *Cross-Modal Learning for Music-to-Music-Video Description Generation* (arXiv:2503.11190): clips whose video is a static \
        image are left out; one frame for every two seconds is described; tempo, key, downbeats and chords are measured and merged with a caption of the \
        music; MV types are chosen from the paper's ten; all of it, with what the lyrics are about, becomes one description. `provenance.source` says \
        of each sample whether rules or a language model wrote it; figures in it are measured, never written by a model.

        """
    }

    private func rows(_ fields: [Field], prefix: String) -> [String] {
        fields.flatMap { field -> [String] in
            let row = "| `\(prefix)\(field.name)` | \(CardText.typeName(field.type)) | \(field.meaning) |"
            switch field.type {
            case .structure(let members): return [row] + rows(members, prefix: prefix + field.name + ".")
            case .list(.structure(let members)): return [row] + rows(members, prefix: prefix + field.name + "[].")
            default: return [row]
            }
        }
    }

    private var proof: String {
        let proof = plan.split
        return """
            \(proof.method) Seed `\(CardText.code(proof.seed))`; \(proof.requestedTest) asked for in test, reached \(proof.exact ? "exactly" : "as near as whole groups allow").

            | split | assigned | groups | SHA-256 of the group digests |
            | --- | ---: | ---: | --- |
            | train | \(proof.train.samples) | \(proof.train.groups) | `\(proof.train.groupsSHA256)` |
            | test | \(proof.test.samples) | \(proof.test.groups) | `\(proof.test.groupsSHA256)` |

            Groups on both sides: \(proof.overlappingGroups). Pinned by a former split: \(proof.pinned), of which moved to keep their group together: \
            \(proof.moved); absent now: \(proof.absent). `artist_group` shows it in the data.

            """
    }

    private var endings: String {
        guard !plan.endings.isEmpty else { return "None.\n" }
        let rows = plan.endings.sorted { ($0.kind.rawValue, $0.reason) < ($1.kind.rawValue, $1.reason) }
            .map { "| \($0.kind.rawValue) | `\(CardText.code($0.reason))` | \($0.clips) |" }
        return "| ending | reason | clips |\n| --- | --- | ---: |\n" + rows.joined(separator: "\n") + "\n"
    }

    private var recipes: String {
        guard !plan.recipes.isEmpty else { return "None.\n" }
        return plan.recipes.sorted { ($0.stage, $0.digest) < ($1.stage, $1.digest) }.map { recipe in
            "`\(CardText.code(recipe.stage))`, version \(recipe.version), digest `\(CardText.code(recipe.digest))`:\n\n    \(CardText.line(recipe.settings))\n"
        }.joined(separator: "\n")
    }
}
