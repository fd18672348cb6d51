import DatasetFormat
import Testing

@Suite struct SampleJSONTests {
    private func json(_ value: FieldValue, _ type: FieldType) throws -> String {
        String(decoding: try SampleJSON.encode([value], [Field("v", type, "")]), as: UTF8.self)
    }

    @Test(arguments: [(0, "0.0"), (-0.0, "0.0"), (2, "2.0"), (85.7142857, "85.7142857"), (1e22, "1.0e+22"), (1e-7, "1.0e-07"), (-1.5e-9, "-1.5e-09")])
    func floatsAlwaysHaveAPoint(number: Double, text: String) throws {
        #expect(try json(.float(number), .float) == #"{"v":"# + text + "}")
    }

    @Test func textIsEscapedWhereJSONAsksForIt() throws {
        #expect(try json(.string("a\"b\\c\n\r\t\u{1}\u{1F}é音🎬/"), .string) == #"{"v":"a\"b\\c\n\r\t\u0001\u001fé音🎬/"}"#)
    }

    @Test func membersStandInTheSchemasOrder() throws {
        let type = FieldType.list(.structure([Field("z", .int, ""), Field("a", .bool, ""), Field("l", .list(.string), "")]))
        let value = FieldValue.list([.structure([.int(-3), .bool(true), .list([])]), .structure([.int(4), .bool(false), .list([.string("x"), .string("")])])])
        #expect(try json(value, type) == #"{"v":[{"z":-3,"a":true,"l":[]},{"z":4,"a":false,"l":["x",""]}]}"#)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func refusesNumbersThatAreNotFinite(number: Double) {
        #expect(throws: DatasetError.self) { try json(.list([.float(number)]), .list(.float)) }
    }

    @Test func refusesValuesOfAnotherForm() {
        #expect(throws: DatasetError.self) { try json(.int(1), .float) }
        #expect(throws: DatasetError.self) { try json(.structure([]), .structure([Field("a", .int, "")])) }
    }

    @Test func everyRecordHasTheDeclaredFields() throws {
        for number in 0..<12 {
            let record = DatasetFixture.record(number)
            #expect(throws: Never.self) { try SampleJSON.encode(record.values, DatasetRecord.fields) }
        }
    }
}
