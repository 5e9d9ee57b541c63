import Basics
import Tensors

/// Arrays in NumPy's format (version 1.0) in a folder, and a line of JSON about each case that they belong to: what
/// benchmarks/peers/agreement.py reads.
struct NumpyFolder {
    private let path: String
    private var lines: [String] = []

    init(_ path: String) throws {
        self.path = path
        try Files.createFolder(path)
    }

    /// Writes an array as `case.name.npy`.
    func write<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, _ name: String, of caseName: String) throws {
        let kind = MemoryLayout<Scalar>.size == 4 ? "<f4" : "<f8"
        let extents = tensor.shape.map { "\($0)," }.joined()
        let description = "{'descr': '\(kind)', 'fortran_order': False, 'shape': (\(extents)), }"
        // Magic, version, length, description and newline together fill a multiple of 64 bytes.
        let length = (10 + description.utf8.count + 1 + 63) / 64 * 64 - 10
        let padded = Array(description.utf8) + [UInt8](repeating: 0x20, count: length - description.utf8.count - 1) + [0x0a]
        let file = try BinaryFile(writing: "\(path)/\(caseName).\(name).npy")
        try file.write([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length % 256), UInt8(length / 256)] + padded)
        try file.write(tensor.scalars)
        try file.finish()
    }

    /// - Parameter options: of the operation, as JSON.
    mutating func add(_ name: String, _ operation: String, inputs: [String], options: [(String, String)]) {
        let list = inputs.map { "\"\($0)\"" }.joined(separator: ", ")
        let more = options.map { ", \"\($0)\": \($1)" }.joined()
        lines.append("{\"name\": \"\(name)\", \"operation\": \"\(operation)\", \"inputs\": [\(list)]\(more)}\n")
    }

    /// Writes the list of cases.
    func finish() throws {
        let file = try BinaryFile(writing: path + "/cases.jsonl")
        try file.write(Array(lines.joined().utf8))
        try file.finish()
    }
}
