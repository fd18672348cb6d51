/// Writes a dataset's directory: `wds/` and `hf/` with a card each, and `manifest.json`. Same plan and records in, same bytes out.
///
/// Everything is written into a staging folder first; `finish` puts it in place. What it holds in memory is one Parquet row group for each side
/// and one digest for each artist group.
public final class DatasetWriter {
    private enum State { case open, closed }

    private let plan: DatasetPlan
    private let fields: [Field]
    private let directory: DatasetDirectory
    private var state = State.open
    /// Whether the directory is somebody else's again.
    private var isReleased = false
    private var lastKey: SampleKey?
    private var sideOfGroup: [String: SplitSide] = [:]
    private var samples: [SplitSide: Int] = [:]
    private var tars: [SplitSide: WebDatasetWriter] = [:]
    private var parquets: [SplitSide: ParquetSplitWriter] = [:]

    /// - Parameter directory: created if it is not there; a former dataset of ours in it is replaced by `finish`, foreign files are left alone.
    /// - Throws: `dataset.busy`, `dataset.foreign_file`, `dataset.io`.
    public init(directory path: String, plan: DatasetPlan) throws {
        var plan = plan
        plan.attachments = Set(plan.attachments).sorted()
        self.plan = plan
        fields = DatasetRecord.fields(plan.extras)
        directory = try DatasetDirectory(path: path)
        for side in SplitSide.allCases {
            tars[side] = WebDatasetWriter(side: side, staging: directory.staging, attachments: plan.attachments, limits: plan.limits)
            parquets[side] = ParquetSplitWriter(side: side, staging: directory.staging, fields: fields, limits: plan.limits)
        }
    }

    /// - Parameters:
    ///   - record: its key is above that of every record before it, on either side.
    ///   - attachments: exactly those that the plan names.
    /// - Throws: `dataset.record_order`, `dataset.split_leak`, `dataset.record_invalid` and `dataset.members_differ` before anything is written: the record
    ///   may be left out and the writing go on. After any other error only `abandon` is of use.
    public func append(_ record: DatasetRecord, attachments: [AttachmentName: [UInt8]] = [:]) throws {
        guard state == .open else { throw DatasetWriter.closed }
        let key = record.key
        if let lastKey, !(lastKey < key) {
            throw DatasetError(.recordOrder, "The record '\(key)' follows '\(lastKey)'; records must ascend strictly by key.")
        }
        let group = SplitProof.digest(ofGroup: record.artistGroup)
        if let side = sideOfGroup[group], side != record.split {
            throw DatasetError(.splitLeak, "The artist group of '\(record.clipID)' is in \(side) already and cannot be in \(record.split) too; divide by group.")
        }
        let values = record.values(plan.extras)
        let json = try SampleJSON.encode(values, fields)
        try WebDatasetWriter.check(attachments, against: plan.attachments, key: key)

        do {
            try parquets[record.split]?.append(values)
            try tars[record.split]?.append(key: key, json: json, text: record.text, attachments: attachments)
        } catch {
            state = .closed
            throw error
        }
        lastKey = key
        sideOfGroup[group] = record.split
        samples[record.split, default: 0] += 1
    }

    /// Closes the shards, writes cards and manifest, and puts all of it in place of what a former export left.
    /// - Throws: `dataset.io`, `dataset.foreign_file`, `dataset.compression`, `dataset.closed`.
    public func finish() throws -> DatasetManifest {
        guard state == .open else { throw DatasetWriter.closed }
        state = .closed
        var shards: [StagedFile] = []
        for side in SplitSide.allCases {
            shards += try tars[side]?.finish() ?? []
            shards += try parquets[side]?.finish() ?? []
        }
        let splits = SplitSide.allCases.map { side in
            DatasetManifest.Side(name: side, samples: samples[side] ?? 0, artistGroups: sideOfGroup.values.count { $0 == side })
        }
        let facts = DatasetCard(plan: plan, splits: splits)
        shards.append(try directory.stage(Array(facts.webDataset.utf8), name: "wds-README.md", as: "wds/README.md"))
        shards.append(try directory.stage(Array(facts.huggingFace.utf8), name: "hf-README.md", as: "hf/README.md"))
        shards.sort { $0.path < $1.path }

        let manifest = DatasetManifest(
            format: DatasetManifest.format, formatVersion: DatasetRecord.formatVersion, title: plan.title, splits: splits,
            overlappingArtistGroups: 0, splitProof: plan.split,
            endings: plan.endings.sorted { ($0.kind.rawValue, $0.reason) < ($1.kind.rawValue, $1.reason) },
            recipes: plan.recipes.sorted { ($0.stage, $0.digest) < ($1.stage, $1.digest) },
            members: (["json", "txt"] + plan.attachments.map(\.text)).sorted(),
            files: shards.map { DatasetManifest.File(path: $0.path, bytes: $0.bytes, sha256: $0.sha256, samples: $0.samples) })
        try directory.publish(shards, manifest: manifest.encoded())
        isReleased = true
        return manifest
    }

    /// Drops what was written; a former dataset in the directory stays as it was.
    public func abandon() {
        guard !isReleased else { return }
        state = .closed
        isReleased = true
        directory.abandon()
    }

    private static var closed: DatasetError {
        DatasetError(.closed, "The dataset's writer has finished or failed; begin another.")
    }
}
