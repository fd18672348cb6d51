/// What a pickle may do: the operations that build plain values.
enum PickleOperation: UInt8 {
    // Containers.
    case mark = 0x28, emptyTuple = 0x29, emptyList = 0x5D, emptyDictionary = 0x7D, tuple = 0x74, list = 0x6C, dictionary = 0x64, tuple1 = 0x85
    case tuple2 = 0x86, tuple3 = 0x87, append = 0x61, appends = 0x65, setItem = 0x73, setItems = 0x75
    // Memory and the stack.
    case put = 0x71, longPut = 0x72, memoize = 0x94, get = 0x68, longGet = 0x6A, pop = 0x30, popMark = 0x31
    // Names, and what they make.
    case global = 0x63, stackGlobal = 0x93, persistent = 0x51, reduce = 0x52, build = 0x62, frame = 0x95, stop = 0x2E
    // Values.
    case none = 0x4E, `true` = 0x88, `false` = 0x89, byte = 0x4B, word = 0x4D, integer = 0x4A, long = 0x8A, real = 0x47
    case text = 0x58, shortText = 0x8C, longText = 0x8D, string = 0x54, bytes = 0x42, shortString = 0x55, shortBytes = 0x43, longBytes = 0x8E

    /// Operations that make objects, or look things up.
    static let refused: [UInt8: String] = [
        UInt8(ascii: "i"): "an instance (INST)", UInt8(ascii: "o"): "an instance (OBJ)", 0x81: "an object (NEWOBJ)", 0x92: "an object (NEWOBJ_EX)",
        0x82: "a registered extension (EXT1)", 0x83: "a registered extension (EXT2)", 0x84: "a registered extension (EXT4)", UInt8(ascii: "P"): "a persistent object by text (PERSID)",
        0x8F: "a set (EMPTY_SET)", 0x91: "a set (FROZENSET)", 0x97: "a buffer outside of it (NEXT_BUFFER)",
    ]
}
