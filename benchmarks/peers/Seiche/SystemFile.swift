import Basics
import StencilSolvers

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Five-point systems on a closed grid, as all programs of this benchmark read them: little-endian, eight bytes a number.
///
///     "SEICHSYS", ny, nx, batch, matrices, isSymmetric        the last five as integers
///     coefficients [matrices, 5, ny, nx]                      center, east, west, north, south
///     right-hand sides [batch, ny, nx]
///
/// A file holds one matrix where all samples have the same; every program solves each sample as if its matrix were its own.
struct SystemFile {
    let ny: Int
    let nx: Int
    /// One, or one a sample.
    let matrices: [StencilMatrix<Double>]
    /// [ny, nx] for each sample.
    let rightHandSides: [[Double]]

    var batch: Int { rightHandSides.count }

    func matrix(_ sample: Int) -> StencilMatrix<Double> { matrices[matrices.count == 1 ? 0 : sample] }

    private static let magic = "SEICHSYS"

    init(ny: Int, nx: Int, matrices: [StencilMatrix<Double>], rightHandSides: [[Double]]) {
        self.ny = ny
        self.nx = nx
        self.matrices = matrices
        self.rightHandSides = rightHandSides
    }

    init(reading path: String) throws {
        let file = try BinaryFile(reading: path)
        guard String(decoding: try file.read(8, as: UInt8.self), as: UTF8.self) == Self.magic else {
            throw SeicheError(.file, "'\(path)' is no file of systems", remedy: "write one with `seiche-peers write`")
        }
        let header = try file.read(5, as: Int64.self).map(Int.init)
        let cells = header[0] * header[1]
        (ny, nx) = (header[0], header[1])
        matrices = try (0..<header[3]).map { _ in
            StencilMatrix(ny: header[0], nx: header[1], coefficients: try file.read(5 * cells, as: Double.self))
        }
        rightHandSides = try (0..<header[2]).map { _ in try file.read(cells, as: Double.self) }
    }

    func write(to path: String) throws {
        let file = try BinaryFile(writing: path)
        try file.write(Array(Self.magic.utf8))
        try file.write([ny, nx, batch, matrices.count, matrices.allSatisfy { $0.isSymmetric() } ? 1 : 0].map(Int64.init))
        for matrix in matrices { try file.write(matrix.coefficients) }
        for b in rightHandSides { try file.write(b) }
        try file.finish()
    }
}

/// Numbers of a fixed size, one after the other. What is written has its final name when all of it is there.
final class BinaryFile {
    private let path: String
    private let handle: UnsafeMutablePointer<FILE>

    init(reading path: String) throws {
        self.path = path
        guard let handle = fopen(path, "rb") else { throw Self.failure("cannot read '\(path)'") }
        self.handle = handle
    }

    init(writing path: String) throws {
        self.path = path
        guard let handle = fopen(path + ".part", "wb") else { throw Self.failure("cannot write '\(path).part'") }
        self.handle = handle
    }

    deinit { fclose(handle) }

    func read<Number: BitwiseCopyable>(_ count: Int, as type: Number.Type) throws -> [Number] {
        let numbers = [Number](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = fread(buffer.baseAddress, MemoryLayout<Number>.stride, count, handle)
        }
        guard numbers.count == count else {
            throw SeicheError(.file, "'\(path)' ends too early", why: "its writer was stopped", remedy: "write it again")
        }
        return numbers
    }

    func write<Number: BitwiseCopyable>(_ numbers: [Number]) throws {
        guard fwrite(numbers, MemoryLayout<Number>.stride, numbers.count, handle) == numbers.count else {
            throw Self.failure("cannot write '\(path).part'")
        }
    }

    func finish() throws {
        guard fflush(handle) == 0, rename(path + ".part", path) == 0 else { throw Self.failure("cannot write '\(path)'") }
    }

    private static func failure(_ what: String) -> SeicheError {
        SeicheError(.file, "\(what): \(String(cString: strerror(errno)))", remedy: Files.remedy(forErrno: errno))
    }
}
