import DatasetFormat
import Foundation
import Testing

/// The values themselves are compared with pyarrow's reading by `scripts/check-dataset`; here the file's structure.
@Suite struct ParquetWriterTests {
    private func files(_ count: Int, _ limits: ShardLimits) throws -> [(path: String, bytes: [UInt8])] {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(count, to: folder, limits: limits)
            return try contents(of: folder).filter { $0.key.hasSuffix(".parquet") }.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value)) }
        }
    }

    private func footer(_ file: [UInt8]) throws -> ThriftCompactReader.Value {
        #expect(Array(file.prefix(4)) == Array("PAR1".utf8) && Array(file.suffix(4)) == Array("PAR1".utf8))
        let length = file.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        var reader = ThriftCompactReader(file, at: file.count - 8 - length)
        let footer = try reader.structure()
        #expect(reader.offset == file.count - 8)
        return footer
    }

    @Test func rowGroupsColumnsAndPagesFollowEachOtherWithoutGaps() throws {
        for file in try files(40, ShardLimits(rowsPerParquet: 20, rowsPerGroup: 7)) {
            let footer = try footer(file.bytes)
            let groups = try #require(footer[4]).list
            #expect(groups.count > 1)
            #expect(groups.reduce(0) { $0 + ($1[3]?.int ?? 0) } == footer[3]?.int)
            var offset = 4
            for group in groups {
                for column in group[1]?.list ?? [] {
                    let chunk = try #require(column[3])
                    #expect(chunk[9]?.int == offset && column[2]?.int == offset)
                    let end = offset + (chunk[7]?.int ?? 0)
                    var entries = 0, plain = 0
                    while offset < end {
                        var reader = ThriftCompactReader(file.bytes, at: offset)
                        let page = try reader.structure()
                        let compressed = try #require(page[3]?.int)
                        #expect(Array(file.bytes[reader.offset..<reader.offset + 4]) == [0x28, 0xB5, 0x2F, 0xFD])      // a Zstandard frame
                        entries += try #require(page[5]?[1]?.int)
                        plain += (page[2]?.int ?? 0) + reader.offset - offset
                        offset = reader.offset + compressed
                    }
                    #expect(offset == end && entries == chunk[5]?.int && plain == chunk[6]?.int)
                }
            }
        }
    }

    @Test func theSchemaIsTheRecordsFieldsWithThreeLevelLists() throws {
        let footer = try footer(try #require(try files(4, ShardLimits()).first).bytes)
        var nodes = (footer[2]?.list ?? [])[...]
        func check(_ name: String, _ type: FieldType) throws {
            let next = nodes.popFirst()
            let node = try #require(next)
            #expect(node[4]?.text == name)
            switch type {
            case .bool: #expect(node[1]?.int == 0)
            case .int: #expect(node[1]?.int == 2)
            case .float: #expect(node[1]?.int == 5)
            case .string: #expect(node[1]?.int == 6 && node[6]?.int == 0)
            case .structure(let fields):
                #expect(node[5]?.int == fields.count)
                for field in fields { try check(field.name, field.type) }
            case .list(let element):
                #expect(node[6]?.int == 3 && node[5]?.int == 1)
                let middle = nodes.popFirst()
                let repeated = try #require(middle)
                #expect(repeated[3]?.int == 2 && repeated[4]?.text == "list")
                try check("element", element)
            }
        }
        try check("schema", .structure(DatasetRecord.fields))
        #expect(nodes.isEmpty)
    }

    @Test func filesAreNumberedOfHowManyThereAre() throws {
        let paths = try files(40, ShardLimits(rowsPerParquet: 20, rowsPerGroup: 7)).map(\.path)
        #expect(paths == ["hf/data/test-00000-of-00001.parquet", "hf/data/train-00000-of-00002.parquet", "hf/data/train-00001-of-00002.parquet"])
    }

    @Test func longTextsTakeSeveralPages() throws {
        try withTemporaryFolder { folder in
            let writer = try DatasetWriter(directory: folder, plan: try DatasetFixture.plan())
            for number in 0..<6 {
                var record = DatasetFixture.record(number * 3, side: .train)
                record.overview = String(repeating: "0123456789abcdef", count: 40_000)
                record.clipID = "clip\(number)"
                try writer.append(record)
            }
            let manifest = try writer.finish()
            let file = try #require(try contents(of: folder).first { $0.key.hasSuffix(".parquet") })
            #expect(manifest.samples == 6 && file.value.count < 200_000)
            let chunk = try #require((try footer(Array(file.value))[4]?.list.first?[1]?.list ?? []).first { $0[3]?[3]?.list.first?.text == "overview" }?[3])
            var reader = ThriftCompactReader(Array(file.value), at: try #require(chunk[9]?.int))
            #expect(try reader.structure()[5]?[1]?.int == 2)
        }
    }
}
