import Basics
import CNetCDF

/// A variable of an open file. Indices run as in C and Swift: the last dimension is contiguous.
public struct NetCDFVariable: Sendable {
    public let file: NetCDFFile
    public let name: String
    public let type: NetCDFType
    /// Names of its dimensions, slowest first.
    public let dimensionNames: [String]
    let id: Int32
    let dimensionIDs: [Int32]
}

extension NetCDFVariable: NetCDFAttributed {
    public var attributeFile: NetCDFFile { file }
    public var attributeOwner: Int32 { id }
    public var attributeOwnerName: String { "variable '\(name)'" }
}

/// How a variable lies on disk.
public struct NetCDFStorage: Equatable, Sendable {
    /// Chunk lengths, one per dimension; nil leaves the choice to the library.
    public var chunks: [Int]?
    /// 0 (none) ... 9 (smallest, slowest); 1 is nearly as small as 9 for model fields.
    public var deflate: Int
    /// Groups the bytes of equal weight before deflating; makes model fields much smaller.
    public var shuffle: Bool

    public init(chunks: [Int]? = nil, deflate: Int = 0, shuffle: Bool = true) {
        self.chunks = chunks
        self.deflate = deflate
        self.shuffle = shuffle
    }
}

extension NetCDFFile {
    /// Defines a variable of type `Scalar` over dimensions defined before (none: a single value).
    ///
    /// `fill` becomes its `_FillValue`: what unwritten elements hold and what tools show as missing. Without one they hold the type's default.
    @discardableResult
    public func defineVariable<Scalar: NetCDFScalar>(
        _ name: String, _ scalar: Scalar.Type, dimensions: [String], fill: Scalar? = nil, storage: NetCDFStorage = NetCDFStorage(),
        attributes: [(String, NetCDFAttribute)] = []
    ) throws -> NetCDFVariable {
        let known = try self.dimensions()
        let ids = try dimensions.map { wanted in
            guard let found = known.first(where: { $0.name == wanted }) else {
                throw SeicheError(
                    .file, "cannot define variable '\(name)' in '\(path)': there is no dimension '\(wanted)'", remedy: "define the dimension first")
            }
            return found.id
        }
        var variable: Int32 = 0
        try perform("define variable '\(name)'") { nc_def_var($0, name, Scalar.netCDF.code, Int32(ids.count), ids, &variable) }
        if let chunks = storage.chunks {
            guard chunks.count == ids.count, chunks.allSatisfy({ $0 > 0 }) else {
                throw SeicheError(
                    .file, "cannot define variable '\(name)' in '\(path)': its chunks are \(chunks), its dimensions \(dimensions)",
                    remedy: "give one positive chunk length per dimension")
            }
            try perform("chunk variable '\(name)'") { nc_def_var_chunking($0, variable, NC_CHUNKED, chunks) }
        }
        if storage.deflate != 0 {
            let level = Int32(clamping: storage.deflate)
            try perform("deflate variable '\(name)' at level \(level)") { nc_def_var_deflate($0, variable, storage.shuffle ? 1 : 0, 1, level) }
        }
        if let fill {
            try withUnsafePointer(to: fill) { value in
                try perform("set the fill value of variable '\(name)'") { nc_def_var_fill($0, variable, NC_FILL, value) }
            }
        }
        let result = NetCDFVariable(
            file: self, name: name, type: Scalar.netCDF.type, dimensionNames: dimensions, id: variable, dimensionIDs: ids)
        for (key, value) in attributes { try result.setAttribute(key, value) }
        return result
    }

    /// All variables, in the order of their definition.
    public func variables() throws -> [NetCDFVariable] {
        var count: Int32 = 0
        try perform("list the variables") { nc_inq_nvars($0, &count) }
        let names = try dimensions().map(\.name)
        return try (0..<count).map { id in
            var code: Int32 = 0
            var rank: Int32 = 0
            let name = try readName("read variable \(id)") { nc_inq_var($0, id, $1, &code, &rank, nil, nil) }
            var ids = [Int32](repeating: 0, count: Int(rank))
            try perform("read variable '\(name)'") { nc_inq_vardimid($0, id, &ids) }
            return NetCDFVariable(
                file: self, name: name, type: NetCDFType(code: code), dimensionNames: ids.map { names[Int($0)] }, id: id, dimensionIDs: ids)
        }
    }

    /// The variable of this name, or nil when there is none.
    public func variableIfPresent(_ name: String) throws -> NetCDFVariable? { try variables().first { $0.name == name } }

    /// The variable of this name; one that is missing is an error that lists those there are.
    public func variable(_ name: String) throws -> NetCDFVariable {
        let all = try variables()
        guard let found = all.first(where: { $0.name == name }) else {
            throw SeicheError(
                .file, "'\(path)' has no variable '\(name)'", why: "it has \(all.isEmpty ? "none" : all.map(\.name).joined(separator: ", "))",
                remedy: "check that this is the right file")
        }
        return found
    }

    /// The variable of this name, which must have this shape.
    public func variable(_ name: String, shape: [Int]) throws -> NetCDFVariable {
        let found = try variable(name)
        let actual = try found.shape()
        guard actual == shape else {
            throw SeicheError(
                .file, "variable '\(name)' in '\(path)' has the shape \(found.describe(actual)), but \(shape) is needed",
                remedy: "check that this file belongs to the grid in use")
        }
        return found
    }
}

extension NetCDFVariable {
    /// Its present lengths, slowest dimension first.
    public func shape() throws -> [Int] {
        try dimensionIDs.map { dimension in
            var length = 0
            try file.perform("read the shape of variable '\(name)'") { nc_inq_dimlen($0, dimension, &length) }
            return length
        }
    }

    /// Its `_FillValue` as Double, or nil when it names none.
    public func fillValue() throws -> Double? { try attributeIfPresent("_FillValue")?.number }

    /// The level at which its chunks are deflated, 0 for not at all.
    public func deflateLevel() throws -> Int {
        var (shuffle, deflate, level) = (Int32(0), Int32(0), Int32(0))
        try file.perform("read the storage of variable '\(name)'") { nc_inq_var_deflate($0, id, &shuffle, &deflate, &level) }
        return deflate == 0 ? 0 : Int(level)
    }

    /// All values, last dimension fastest.
    public func read<Scalar: NetCDFScalar>(_ scalar: Scalar.Type = Scalar.self) throws -> [Scalar] {
        let shape = try shape()
        return try read(scalar, start: shape.map { _ in 0 }, count: shape)
    }

    /// The hyperslab of `count` values per dimension from `start` on, last dimension fastest.
    public func read<Scalar: NetCDFScalar>(_ scalar: Scalar.Type = Scalar.self, start: [Int], count: [Int]) throws -> [Scalar] {
        try checkSlab("read", start, count, limits: try shape())
        return try [Scalar](unsafeUninitializedCapacity: count.reduce(1, *)) { buffer, initialized in
            try fill(buffer, start, count)
            initialized = buffer.count
        }
    }

    /// The same into memory the caller has, which must hold exactly the product of `count`.
    public func read<Scalar: NetCDFScalar>(into buffer: UnsafeMutableBufferPointer<Scalar>, start: [Int], count: [Int]) throws {
        try checkSlab("read", start, count, limits: try shape())
        try checkCount("read", buffer.count, count)
        try fill(buffer, start, count)
    }

    private func fill<Scalar: NetCDFScalar>(_ buffer: UnsafeMutableBufferPointer<Scalar>, _ start: [Int], _ count: [Int]) throws {
        if count.contains(0) { return }
        try file.perform("read \(describe(count)) from \(start) of variable '\(name)'") {
            Scalar.netCDF.getSlab($0, id, start, count, buffer.baseAddress)
        }
    }

    /// Writes all values; the variable must have no unlimited dimension, or as many steps as it has already.
    public func write<Scalar: NetCDFScalar>(_ values: [Scalar]) throws {
        let shape = try shape()
        try write(values, start: shape.map { _ in 0 }, count: shape)
    }

    /// Writes the hyperslab of `count` values per dimension from `start` on; an unlimited dimension grows as needed.
    public func write<Scalar: NetCDFScalar>(_ values: [Scalar], start: [Int], count: [Int]) throws {
        let growing = Set(try file.dimensions().filter(\.isUnlimited).map(\.id))
        let limits = zip(try shape(), dimensionIDs).map { growing.contains($1) ? Int.max : $0 }
        try checkSlab("write", start, count, limits: limits)
        try checkCount("write", values.count, count)
        if count.contains(0) { return }
        try file.perform("write \(describe(count)) at \(start) of variable '\(name)'") {
            Scalar.netCDF.putSlab($0, id, start, count, values)
        }
    }

    // The library would say "Start+count exceeds dimension bound"; this says which.
    private func checkSlab(_ verb: String, _ start: [Int], _ count: [Int], limits: [Int]) throws {
        let isInside = start.count == limits.count && count.count == limits.count
            && zip(zip(start, count), limits).allSatisfy { slab, limit in slab.0 >= 0 && slab.1 >= 0 && slab.0 <= limit && slab.1 <= limit - slab.0 }
        guard isInside else {
            throw SeicheError(
                .file, "cannot \(verb) \(count) values from \(start) of variable '\(name)' in '\(file.path)': its shape is \(describe(limits))",
                remedy: "check that this file belongs to the grid in use, and the range of times")
        }
    }

    private func checkCount(_ verb: String, _ values: Int, _ count: [Int]) throws {
        guard values == count.reduce(1, *) else {
            throw SeicheError(
                .file, "cannot \(verb) variable '\(name)' in '\(file.path)': \(values) values for the shape \(describe(count))",
                remedy: "give as many values as the product of the shape")
        }
    }

    /// A shape with the names of its dimensions: "[time 3, y 145, x 217]".
    fileprivate func describe(_ lengths: [Int]) -> String {
        guard lengths.count == dimensionNames.count else { return "\(lengths)" }
        return "[" + zip(dimensionNames, lengths).map { "\($0) \($1 == Int.max ? "unlimited" : String($1))" }.joined(separator: ", ") + "]"
    }
}
