extension Row {
    /// Any integer column whose value fits.
    public func int64(_ column: some ColumnReference) throws -> Int64 { try value(column) }
    public func int32(_ column: some ColumnReference) throws -> Int32 { try value(column) }
    public func int16(_ column: some ColumnReference) throws -> Int16 { try value(column) }
    public func int(_ column: some ColumnReference) throws -> Int { try value(column) }
    /// A transaction id, or any integer that is not negative.
    public func xid8(_ column: some ColumnReference) throws -> UInt64 { try value(column) }
    /// Any number.
    public func double(_ column: some ColumnReference) throws -> Double { try value(column) }
    public func bool(_ column: some ColumnReference) throws -> Bool { try value(column) }
    /// `text`, `varchar`, `name`, `json`, `jsonb`, `numeric`, enums.
    public func text(_ column: some ColumnReference) throws -> String { try value(column) }
    public func bytea(_ column: some ColumnReference) throws -> [UInt8] { try value(column) }
    /// 16 bytes.
    public func uuid(_ column: some ColumnReference) throws -> [UInt8] { try value(column) }
    public func timestamp(_ column: some ColumnReference) throws -> Timestamp { try value(column) }
}

/// nil for NULL.
extension Row {
    public func int64IfPresent(_ column: some ColumnReference) throws -> Int64? { try valueIfPresent(column) }
    public func int32IfPresent(_ column: some ColumnReference) throws -> Int32? { try valueIfPresent(column) }
    public func int16IfPresent(_ column: some ColumnReference) throws -> Int16? { try valueIfPresent(column) }
    public func intIfPresent(_ column: some ColumnReference) throws -> Int? { try valueIfPresent(column) }
    public func xid8IfPresent(_ column: some ColumnReference) throws -> UInt64? { try valueIfPresent(column) }
    public func doubleIfPresent(_ column: some ColumnReference) throws -> Double? { try valueIfPresent(column) }
    public func boolIfPresent(_ column: some ColumnReference) throws -> Bool? { try valueIfPresent(column) }
    public func textIfPresent(_ column: some ColumnReference) throws -> String? { try valueIfPresent(column) }
    public func byteaIfPresent(_ column: some ColumnReference) throws -> [UInt8]? { try valueIfPresent(column) }
    public func uuidIfPresent(_ column: some ColumnReference) throws -> [UInt8]? { try valueIfPresent(column) }
    public func timestampIfPresent(_ column: some ColumnReference) throws -> Timestamp? { try valueIfPresent(column) }
}

/// One-dimensional arrays; a NULL element is a fault.
extension Row {
    public func int64Array(_ column: some ColumnReference) throws -> [Int64] { try arrayWithoutNulls(column) }
    public func int32Array(_ column: some ColumnReference) throws -> [Int32] { try arrayWithoutNulls(column) }
    public func int16Array(_ column: some ColumnReference) throws -> [Int16] { try arrayWithoutNulls(column) }
    public func doubleArray(_ column: some ColumnReference) throws -> [Double] { try arrayWithoutNulls(column) }
    public func boolArray(_ column: some ColumnReference) throws -> [Bool] { try arrayWithoutNulls(column) }
    public func textArray(_ column: some ColumnReference) throws -> [String] { try arrayWithoutNulls(column) }
    public func byteaArray(_ column: some ColumnReference) throws -> [[UInt8]] { try arrayWithoutNulls(column) }
    public func timestampArray(_ column: some ColumnReference) throws -> [Timestamp] { try arrayWithoutNulls(column) }
}

/// One-dimensional arrays, with nil for each NULL element.
extension Row {
    public func int64ArrayWithNulls(_ column: some ColumnReference) throws -> [Int64?] { try array(column) }
    public func int32ArrayWithNulls(_ column: some ColumnReference) throws -> [Int32?] { try array(column) }
    public func int16ArrayWithNulls(_ column: some ColumnReference) throws -> [Int16?] { try array(column) }
    public func doubleArrayWithNulls(_ column: some ColumnReference) throws -> [Double?] { try array(column) }
    public func boolArrayWithNulls(_ column: some ColumnReference) throws -> [Bool?] { try array(column) }
    public func textArrayWithNulls(_ column: some ColumnReference) throws -> [String?] { try array(column) }
    public func byteaArrayWithNulls(_ column: some ColumnReference) throws -> [[UInt8]?] { try array(column) }
    public func timestampArrayWithNulls(_ column: some ColumnReference) throws -> [Timestamp?] { try array(column) }
}

/// By position, for statements that return many rows: these are compiled for it, where a generic accessor looks up types for each value that it reads.
extension Row {
    public func int64(_ column: Int) throws -> Int64 { try value(column) }
    public func int32(_ column: Int) throws -> Int32 { try value(column) }
    public func int16(_ column: Int) throws -> Int16 { try value(column) }
    public func int(_ column: Int) throws -> Int { try value(column) }
    public func bool(_ column: Int) throws -> Bool { try value(column) }
    public func text(_ column: Int) throws -> String { try value(column) }
    public func bytea(_ column: Int) throws -> [UInt8] { try value(column) }
    public func int64Array(_ column: Int) throws -> [Int64] { try arrayWithoutNulls(column) }
}
