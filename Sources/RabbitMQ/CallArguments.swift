import CRabbitMQ
import Glibc

/// Owns the C memory of one method's arguments.
///
/// Invariant: every `amqp_bytes_t` and `amqp_table_t` that it returned points into memory that lives until the end of the
/// closure given to ``with(_:)``; librabbitmq copies it into the socket's buffer before that.
struct CallArguments: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    static func with<Result>(_ body: (inout CallArguments) throws(RabbitMQError) -> Result) throws(RabbitMQError) -> Result {
        var arguments = CallArguments()
        return try body(&arguments)
    }

    /// A name of at most 255 bytes, AMQP's short string.
    mutating func shortText(_ text: String) throws(RabbitMQError) -> amqp_bytes_t {
        guard text.utf8.count <= 255 else {
            throw RabbitMQError(.invalidArgument, "a name of \(text.utf8.count) bytes is too long for AMQP; at most 255 are allowed")
        }
        return longText(text)
    }

    mutating func longText(_ text: String) -> amqp_bytes_t {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return amqp_empty_bytes }
        let block = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
        block.copyMemory(from: bytes, byteCount: bytes.count)
        blocks.append(block)
        return amqp_bytes_t(len: bytes.count, bytes: block)
    }

    /// Entries in the order of their keys, so that the same declaration gives the same bytes.
    mutating func table(_ values: [String: FieldValue]) throws(RabbitMQError) -> amqp_table_t {
        var entries: [amqp_table_entry_t] = []
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            var entry = amqp_table_entry_t()
            entry.key = try shortText(key)
            switch value {
            case .text(let text):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                entry.value.value.bytes = longText(text)
            case .integer(let integer):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                entry.value.value.i64 = integer
            case .boolean(let boolean):
                entry.value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                entry.value.value.boolean = boolean ? 1 : 0
            }
            entries.append(entry)
        }
        return table(entries)
    }

    /// A table that holds another one, such as a client's capabilities.
    mutating func table(nesting name: String, _ inner: amqp_table_t, besides values: [String: FieldValue]) throws(RabbitMQError) -> amqp_table_t {
        let outer = try table(values)
        var entries = Array(UnsafeBufferPointer(start: outer.entries, count: Int(outer.num_entries)))
        var entry = amqp_table_entry_t()
        entry.key = try shortText(name)
        entry.value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
        entry.value.value.table = inner
        entries.append(entry)
        return table(entries)
    }

    private mutating func table(_ entries: [amqp_table_entry_t]) -> amqp_table_t {
        guard !entries.isEmpty else { return amqp_empty_table }
        let block = UnsafeMutablePointer<amqp_table_entry_t>.allocate(capacity: entries.count)
        block.initialize(from: entries, count: entries.count)
        blocks.append(UnsafeMutableRawPointer(block))
        return amqp_table_t(num_entries: Int32(entries.count), entries: block)
    }
}

extension amqp_bytes_t {
    /// Copied; the broker's texts are not trusted to be UTF-8.
    var copiedText: String { len == 0 ? "" : String(decoding: UnsafeRawBufferPointer(start: bytes, count: len), as: UTF8.self) }
    var copiedBytes: [UInt8] { len == 0 ? [] : [UInt8](UnsafeRawBufferPointer(start: bytes, count: len)) }
}
