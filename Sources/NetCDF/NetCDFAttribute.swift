import Basics
import CNetCDF

/// The value of an attribute: a text, or one or more numbers of one type. Literals work: `"m s-1"`, `0.5` (double), `3` (int32).
public enum NetCDFAttribute: Equatable, Sendable {
    case text(String)
    /// Several texts (NetCDF-4 only; some tools cannot read these, so prefer one text with blanks).
    case texts([String])
    case int8([Int8])
    case int32([Int32])
    case int64([Int64])
    case float([Float])
    case double([Double])

    /// The text; nil for numbers.
    public var text: String? {
        switch self {
        case .text(let text): text
        case .texts(let texts) where texts.count == 1: texts[0]
        default: nil
        }
    }

    /// The values as Double, whatever their type; nil for text. An int64 above 2^53 is rounded.
    public var numbers: [Double]? {
        switch self {
        case .text, .texts: nil
        case .int8(let values): values.map(Double.init)
        case .int32(let values): values.map(Double.init)
        case .int64(let values): values.map(Double.init)
        case .float(let values): values.map(Double.init)
        case .double(let values): values
        }
    }

    /// The value as one Double; nil for text and for vectors.
    public var number: Double? {
        guard let numbers, numbers.count == 1 else { return nil }
        return numbers[0]
    }
}

extension NetCDFAttribute: ExpressibleByStringInterpolation, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(floatLiteral value: Double) { self = .double([value]) }
    public init(integerLiteral value: Int32) { self = .int32([value]) }
}

/// Something that carries attributes: a variable, or the file as a whole (global attributes).
public protocol NetCDFAttributed {
    /// The file itself, or the file a variable belongs to.
    var attributeFile: NetCDFFile { get }
    /// netCDF-C's number of the variable; NC_GLOBAL for the file.
    var attributeOwner: Int32 { get }
    /// Completes "attribute 'units' of ..." in errors.
    var attributeOwnerName: String { get }
}

extension NetCDFFile: NetCDFAttributed {
    public var attributeFile: NetCDFFile { self }
    public var attributeOwner: Int32 { NC_GLOBAL }
    public var attributeOwnerName: String { "the file" }
}

extension NetCDFAttributed {
    /// Writes an attribute, replacing one of the same name.
    public func setAttribute(_ name: String, _ value: NetCDFAttribute) throws {
        switch value {
        case .text(let text):
            var text = text
            try text.withUTF8 { bytes in
                try bytes.withMemoryRebound(to: CChar.self) { characters in
                    try perform("write", name) { nc_put_att_text($0, $1, name, characters.count, characters.baseAddress) }
                }
            }
        case .texts(let texts):
            try withCStrings(texts) { pointers in try perform("write", name) { nc_put_att_string($0, $1, name, texts.count, pointers) } }
        case .int8(let values): try put(name, values)
        case .int32(let values): try put(name, values)
        case .int64(let values): try put(name, values)
        case .float(let values): try put(name, values)
        case .double(let values): try put(name, values)
        }
    }

    /// The attribute of this name, or nil when there is none.
    public func attributeIfPresent(_ name: String) throws -> NetCDFAttribute? {
        var code: Int32 = 0
        var count = 0
        var isThere = true
        try perform("read", name) { file, owner in
            let status = nc_inq_att(file, owner, name, &code, &count)
            isThere = status != NC_ENOTATT
            return isThere ? status : NC_NOERR
        }
        guard isThere else { return nil }
        switch NetCDFType(code: code) {
        case .character: return .text(try text(name, count))
        case .string: return .texts(try texts(name, count))
        case .int8: return .int8(try get(name, count))
        case .uint8, .int16, .uint16, .int32: return .int32(try get(name, count))
        case .uint32, .int64, .uint64: return .int64(try get(name, count))
        case .float: return .float(try get(name, count))
        case .double: return .double(try get(name, count))
        case .other:
            throw SeicheError(.file, "attribute '\(name)' of \(attributeOwnerName) in '\(attributeFile.path)' has a user-defined type")
        }
    }

    /// The attribute of this name; one that is missing is an error.
    public func attribute(_ name: String) throws -> NetCDFAttribute {
        guard let value = try attributeIfPresent(name) else {
            throw SeicheError(
                .file, "\(attributeOwnerName) in '\(attributeFile.path)' has no attribute '\(name)'", remedy: "look at it with `ncdump -h`")
        }
        return value
    }

    /// Names of all attributes, in the order of the file.
    public func attributeNames() throws -> [String] {
        var count: Int32 = 0
        let owner = attributeOwner
        try attributeFile.perform("count the attributes of \(attributeOwnerName)") { file in
            owner == NC_GLOBAL ? nc_inq_natts(file, &count) : nc_inq_varnatts(file, owner, &count)
        }
        return try (0..<count).map { index in
            try attributeFile.readName("list the attributes of \(attributeOwnerName)") { nc_inq_attname($0, owner, index, $1) }
        }
    }

    private func perform(_ verb: String, _ name: String, _ body: (Int32, Int32) -> Int32) throws {
        let owner = attributeOwner
        try attributeFile.perform("\(verb) attribute '\(name)' of \(attributeOwnerName)") { body($0, owner) }
    }

    private func put<Scalar: NetCDFScalar>(_ name: String, _ values: [Scalar]) throws {
        try perform("write", name) { Scalar.netCDF.putAttribute($0, $1, name, Scalar.netCDF.code, values.count, values) }
    }

    private func get<Scalar: NetCDFScalar>(_ name: String, _ count: Int) throws -> [Scalar] {
        var values = [Scalar](repeating: Scalar.netCDF.defaultFill, count: count)
        try perform("read", name) { Scalar.netCDF.getAttribute($0, $1, name, &values) }
        return values
    }

    private func text(_ name: String, _ count: Int) throws -> String {
        var bytes = [CChar](repeating: 0, count: count)
        try perform("read", name) { nc_get_att_text($0, $1, name, &bytes) }
        // Other tools may count C's closing zero as part of the text.
        return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private func texts(_ name: String, _ count: Int) throws -> [String] {
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        try perform("read", name) { nc_get_att_string($0, $1, name, &pointers) }
        defer { try? perform("read", name) { _, _ in nc_free_string(count, &pointers) } }
        return pointers.map { $0.map { String(cString: $0) } ?? "" }
    }
}

/// Calls `body` with C copies of the texts that live as long as the call.
private func withCStrings(_ texts: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) throws -> Void) throws {
    let copies = texts.map { text in
        let bytes = text.utf8CString
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        return copy
    }
    defer { copies.forEach { $0.deallocate() } }
    var pointers = copies.map { UnsafePointer($0.baseAddress) }
    try pointers.withUnsafeMutableBufferPointer { try body($0.baseAddress!) }
}
