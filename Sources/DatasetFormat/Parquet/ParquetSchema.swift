/// The Parquet form of a record's fields: everything is required, and a list is the three-level group of the format's specification.
/// Source: apache/parquet-format, `parquet.thrift` and `LogicalTypes.md`.
struct ParquetSchema {
    /// A column: one leaf of the tree.
    struct Column {
        var path: [String]
        var kind: PhysicalType
        /// Lists above it. As nothing is optional, this is the highest repetition level and the highest definition level.
        var depth: Int
    }

    enum PhysicalType: Int {
        case boolean = 0, int64 = 2, double = 5, byteArray = 6
    }

    /// One node of the tree, in depth-first order as the footer wants it.
    private struct Node {
        var name: String
        var kind: PhysicalType?
        var isRepeated = false
        var isList = false
        var children = 0
    }

    private(set) var columns: [Column] = []
    private var nodes: [Node] = []

    init(_ fields: [Field]) {
        nodes.append(Node(name: "schema", children: fields.count))
        for field in fields { add(field.name, field.type, path: [], depth: 0) }
    }

    private mutating func add(_ name: String, _ type: FieldType, path: [String], depth: Int) {
        let path = path + [name]
        switch type {
        case .string: addColumn(name, .byteArray, path: path, depth: depth)
        case .int: addColumn(name, .int64, path: path, depth: depth)
        case .float: addColumn(name, .double, path: path, depth: depth)
        case .bool: addColumn(name, .boolean, path: path, depth: depth)
        case .list(let element):
            nodes.append(Node(name: name, isList: true, children: 1))
            nodes.append(Node(name: "list", isRepeated: true, children: 1))
            add("element", element, path: path + ["list"], depth: depth + 1)
        case .structure(let fields):
            nodes.append(Node(name: name, children: fields.count))
            for field in fields { add(field.name, field.type, path: path, depth: depth) }
        }
    }

    private mutating func addColumn(_ name: String, _ kind: PhysicalType, path: [String], depth: Int) {
        nodes.append(Node(name: name, kind: kind))
        columns.append(Column(path: path, kind: kind, depth: depth))
    }

    /// Writes `FileMetaData.schema` (field 2).
    func write(to footer: inout ThriftCompactWriter) {
        let required = 0, repeated = 2
        footer.structures(2, Array(nodes.enumerated())) { element, numbered in
            let (number, node) = numbered
            if let kind = node.kind { element.i32(1, kind.rawValue) }
            if number > 0 { element.i32(3, node.isRepeated ? repeated : required) }
            element.string(4, node.name)
            if node.kind == nil { element.i32(5, node.children) }
            if node.isList {
                element.i32(6, 3)                                        // ConvertedType.LIST
                element.structure(10) { $0.structure(3) { _ in } }       // LogicalType.LIST
            } else if node.kind == .byteArray {
                element.i32(6, 0)                                        // ConvertedType.UTF8
                element.structure(10) { $0.structure(1) { _ in } }       // LogicalType.STRING
            }
        }
    }
}
