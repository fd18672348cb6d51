/// A pickle's stack machine that builds tensors, dictionaries, lists, tuples, strings and numbers, and nothing else: it calls nothing and
/// makes no object. What asks for more is refused, with the name of what it asked for. Protocols 2 to 5 (docs.python.org/3/library/pickletools.html).
struct PickleMachine {
    struct Refusal: Error {
        var code: CheckpointError.Code
        var message: String

        static func malformed(_ message: String) -> Refusal { Refusal(code: .malformed, message: message) }
        static func unsafe(_ what: String) -> Refusal {
            Refusal(code: .unsupported, message: "its pickle asks for \(what), which no plain checkpoint needs and which could run code: nothing of it was run. If you trust the file, "
                + "load it in Python, and save its tensors alone: torch.save({name: tensor}, path), or safetensors")
        }
    }

    /// Far above any checkpoint: a model of 1,000 tensors takes some 50,000 steps, a stack of dozens, and some 20,000 memo places.
    static let mostBytes = 1 << 25
    private static let mostSteps = 8_000_000
    private static let mostStack = 1_000_000
    private static let mostMarks = 10_000
    private static let mostMemo = 2_000_000
    private static let mostContainers = 2_000_000

    /// Containers that were made, by their numbers.
    private(set) var sequences: [[PickleValue]] = []
    private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var reader: PickleReader

    init(_ bytes: [UInt8]) { reader = PickleReader(bytes) }

    /// The value that the pickle leaves.
    mutating func run() throws(Refusal) -> PickleValue {
        guard try reader.byte() == 0x80, (2 ... 5).contains(try reader.byte()) else { throw .malformed("its data.pkl is no pickle of protocol 2 to 5") }
        for _ in 0 ..< Self.mostSteps {
            let code = try reader.byte()
            if code == UInt8(ascii: ".") {
                let result = try pop()
                guard stack.isEmpty, marks.isEmpty else { throw .malformed("its pickle leaves more than one value") }
                return result
            }
            try step(code)
            guard stack.count <= Self.mostStack, marks.count <= Self.mostMarks, memo.count <= Self.mostMemo,
                  sequences.count + dictionaries.count <= Self.mostContainers else { throw .malformed("its pickle is nested or filled beyond measure") }
        }
        throw .malformed("its pickle takes more than \(Self.mostSteps) steps")
    }

    private mutating func step(_ code: UInt8) throws(Refusal) {
        guard let operation = PickleOperation(rawValue: code) else { throw .unsafe(PickleOperation.refused[code] ?? "the operation \(code)") }
        switch operation {
        case .mark: marks.append(stack.count)
        case .emptyTuple: pushSequence([]) { .tuple($0) }
        case .emptyList: pushSequence([]) { .list($0) }
        case .emptyDictionary: pushDictionary()
        case .tuple: pushSequence(try popMark()) { .tuple($0) }
        case .list: pushSequence(try popMark()) { .list($0) }
        case .dictionary:
            let items = try popMark()
            pushDictionary()
            try set(items)
        case .tuple1: try pushTuple(1)
        case .tuple2: try pushTuple(2)
        case .tuple3: try pushTuple(3)
        case .append: try append([try pop()])
        case .appends: try append(try popMark())
        case .setItem:
            let value = try pop(), key = try pop()
            try set([key, value])
        case .setItems: try set(try popMark())
        case .put: try remember(Int(try reader.byte()))
        case .longPut: try remember(try reader.number(4))
        case .memoize: try remember(memo.count)
        case .get: try recall(Int(try reader.byte()))
        case .longGet: try recall(try reader.number(4))
        case .pop: _ = try pop()
        case .popMark: _ = try popMark()
        case .global: try push(global: try reader.line(), try reader.line())
        case .stackGlobal:
            guard case .string(let name) = try pop(), case .string(let module) = try pop() else { throw .malformed("its pickle names something by what is no string") }
            try push(global: module, name)
        case .persistent: try pushStorage()
        case .reduce: try reduce()
        case .build: try build()
        case .frame: _ = try reader.number(8)
        default: stack.append(try atom(operation))
        }
    }

    /// Values that stand in the pickle itself.
    private mutating func atom(_ operation: PickleOperation) throws(Refusal) -> PickleValue {
        switch operation {
        case .none: .none
        case .true: .bool(true)
        case .false: .bool(false)
        case .byte: .integer(Int(try reader.byte()))
        case .word: .integer(try reader.number(2))
        case .integer: .integer(Int(Int32(truncatingIfNeeded: try reader.number(4))))
        case .long: .integer(try reader.signed(Int(try reader.byte())))
        case .real: .real(try reader.real())
        case .text: .string(try reader.text(try reader.number(4)))
        case .shortText: .string(try reader.text(Int(try reader.byte())))
        case .longText: .string(try reader.text(try reader.number(8)))
        case .string, .bytes: .bytes(try reader.bytes(try reader.number(4)))
        case .shortString, .shortBytes: .bytes(try reader.bytes(Int(try reader.byte())))
        case .longBytes: .bytes(try reader.bytes(try reader.number(8)))
        default: throw .malformed("its pickle has \(operation) where a value should be")
        }
    }

    // MARK: Stack

    private mutating func pop() throws(Refusal) -> PickleValue {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw .malformed("its pickle takes more from its stack than is there") }
        return value
    }

    private mutating func popMark() throws(Refusal) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw .malformed("its pickle closes what it has not opened") }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    private mutating func pushSequence(_ items: [PickleValue], _ kind: (Int) -> PickleValue) {
        stack.append(kind(sequences.count))
        sequences.append(items)
    }

    private mutating func pushTuple(_ count: Int) throws(Refusal) {
        var items: [PickleValue] = []
        for _ in 0 ..< count { items.append(try pop()) }
        pushSequence(items.reversed()) { .tuple($0) }
    }

    private mutating func pushDictionary() {
        stack.append(.dictionary(dictionaries.count))
        dictionaries.append([])
    }

    private mutating func append(_ items: [PickleValue]) throws(Refusal) {
        guard stack.count > (marks.last ?? 0), case .list(let list) = stack.last else { throw .malformed("its pickle appends to what is no list") }
        sequences[list].append(contentsOf: items)
    }

    private mutating func set(_ items: [PickleValue]) throws(Refusal) {
        guard stack.count > (marks.last ?? 0), case .dictionary(let dictionary) = stack.last, items.count % 2 == 0 else { throw .malformed("its pickle sets items of what is no dictionary") }
        for index in stride(from: 0, to: items.count, by: 2) { dictionaries[dictionary].append((items[index], items[index + 1])) }
    }

    private mutating func remember(_ place: Int) throws(Refusal) {
        guard let value = stack.last else { throw .malformed("its pickle remembers nothing") }
        memo[place] = value
    }

    private mutating func recall(_ place: Int) throws(Refusal) {
        guard let value = memo[place] else { throw .malformed("its pickle recalls what it has not remembered (\(place))") }
        stack.append(value)
    }

    // MARK: The few things that may be asked for

    private mutating func push(global module: String, _ name: String) throws(Refusal) {
        guard let global = PickleGlobal(module: module, name: name) else { throw .unsafe("\(module.prefix(100)).\(name.prefix(100))") }
        stack.append(.global(global))
    }

    private func sequence(_ value: PickleValue?) -> [PickleValue]? {
        switch value {
        case .tuple(let index), .list(let index): sequences[index]
        default: nil
        }
    }

    private func integers(_ value: PickleValue) -> [Int]? {
        guard let items = sequence(value), items.count <= 64 else { return nil }
        let numbers = items.compactMap { if case .integer(let number) = $0 { number } else { nil } }
        return numbers.count == items.count ? numbers : nil
    }

    /// `('storage', type, key, device, elements)`.
    private mutating func pushStorage() throws(Refusal) {
        guard let items = sequence(try pop()), items.count == 5, case .string("storage") = items[0], case .global(.storage(let type)) = items[1],
              case .string(let key) = items[2], case .integer(let count) = items[4], count >= 0, count < 1 << 48 else {
            throw .malformed("its pickle asks for a storage in a way that is not torch.save's")
        }
        stack.append(.storage(TorchStorage(elementType: type, key: key, elementCount: count)))
    }

    private mutating func reduce() throws(Refusal) {
        let arguments = sequence(try pop())
        let callee = try pop()
        guard case .global(let global) = callee else { throw .unsafe("a call of \(callee.kind)") }
        guard let arguments else { throw .malformed("its pickle calls \(global.name) without a tuple") }
        switch global {
        case .orderedDictionary:
            guard arguments.isEmpty else { throw .malformed("its pickle makes an OrderedDict in a way that is not pickle's own") }
            pushDictionary()
        case .rebuildTensor: stack.append(try tensor(arguments))
        case .rebuildParameter:
            guard case .tensor(let tensor)? = arguments.first else { throw .malformed("its pickle makes a parameter of what is no tensor") }
            stack.append(.tensor(tensor))
        case .storage: throw .unsafe("a call of \(global.name)")
        }
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])`.
    private func tensor(_ arguments: [PickleValue]) throws(Refusal) -> PickleValue {
        guard (6 ... 7).contains(arguments.count), case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
              let shape = integers(arguments[2]), let strides = integers(arguments[3]) else { throw .malformed("its pickle makes a tensor in a way that is not torch.save's") }
        guard let tensor = TorchTensor(storage: storage, offset: offset, shape: shape, strides: strides) else {
            throw .malformed("a tensor of shape \(shape), strides \(strides) and offset \(offset) does not fit into its storage of \(storage.elementCount) elements")
        }
        return .tensor(tensor)
    }

    /// Attributes: a state dictionary's own notes (`_metadata`) are passed over; anything else has none.
    private mutating func build() throws(Refusal) {
        let state = try pop()
        guard case .dictionary = state, case .dictionary? = stack.last else { throw .unsafe("attributes of \(stack.last?.kind ?? "nothing") (BUILD)") }
    }
}
