import Basics
import CNetCDF
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// An open NetCDF file: classic or NetCDF-4 for reading, NetCDF-4 for writing. Only the root group is seen.
///
/// May be used from several threads: each operation takes the library's one lock, so they run one after the other.
/// Every failure is thrown as `SeicheError(.file, ...)` naming the file and the variable. The file closes when the
/// last reference goes, but only `close()` reports that what was written did reach the disk.
public final class NetCDFFile: @unchecked Sendable {
    public let path: String
    /// The library's handle; nil once closed, since the library gives a handle's number to the next file. Guarded by the lock.
    private var handle: Int32?

    /// Opens an existing file for reading.
    public convenience init(reading path: String) throws {
        try Self.requireReadable(path)
        try self.init(path: path) { Self.openWhenUnlocked(path, $0) } failure: { status in
            // Nothing but the first bytes tells a damaged file from one that never was NetCDF.
            Self.looksLikeNetCDF(path)
                ? SeicheError(
                    .file, "cannot open '\(path)': it begins as a NetCDF file, but cannot be read (status \(status))",
                    why: "it is truncated or damaged, or another process is writing it or holds its lock", remedy: "write or copy it again")
                : SeicheError(
                    .file, "cannot open '\(path)': it is not a NetCDF file",
                    remedy: "check the path; `ncdump -k FILE` tells the kind of a file")
        }
    }

    /// Creates a NetCDF-4 file, empty and open for writing. An existing file is replaced: see `writeAtomically` for files that matter.
    public convenience init(creating path: String) throws {
        let folder = Files.folder(of: path)
        guard Files.isFolder(folder) else {
            throw SeicheError(.file, "cannot create '\(path)': there is no folder '\(folder)'", remedy: "create the folder first")
        }
        try self.init(path: path) { nc_create(path, NC_NETCDF4 | NC_CLOBBER, $0) } failure: { status in
            SeicheError(
                .file, "cannot create '\(path)': \(String(cString: nc_strerror(status)))",
                remedy: Files.remedy(forErrno: status) ?? "check that the folder can be written to and has space")
        }
    }

    /// nc_open, tried again for half a second where HDF5 says no.
    ///
    /// HDF5 locks the files it has open. A process that is being started holds copies of its parent's open files, with their locks, until
    /// its own program begins: a file that another thread has just finished and closed can stay locked for that moment.
    private static func openWhenUnlocked(_ path: String, _ id: UnsafeMutablePointer<Int32>) -> Int32 {
        var status = nc_open(path, NC_NOWRITE, id)
        for milliseconds in [5, 15, 30, 60, 120, 240] as [UInt32] where status == NC_EHDFERR {
            usleep(1000 * milliseconds)
            status = nc_open(path, NC_NOWRITE, id)
        }
        return status
    }

    private init(path: String, open: (UnsafeMutablePointer<Int32>) -> Int32, failure: (Int32) -> SeicheError) throws {
        self.path = path
        handle = try LibraryLock.shared.withLock {
            var id: Int32 = 0
            let status = open(&id)
            guard status == NC_NOERR else { throw failure(status) }
            return id
        }
    }

    deinit { try? close() }

    /// Closes the file; a second call does nothing. Data still in memory is written now, so this too can fail.
    public func close() throws {
        try LibraryLock.shared.withLock {
            guard let id = handle else { return }
            handle = nil
            let status = nc_close(id)
            guard status == NC_NOERR else {
                throw SeicheError(
                    .file, "cannot write the last data of '\(path)': \(String(cString: nc_strerror(status))) (status \(status))",
                    why: "most likely the disk is full", remedy: "free some space, or write to another disk")
            }
        }
    }

    /// One call of netCDF-C under the lock, its status turned into an error. `action` completes "cannot ... in 'path'".
    func perform(_ action: @autoclosure () -> String, _ body: (Int32) -> Int32) throws {
        try LibraryLock.shared.withLock {
            guard let id = handle else {
                throw SeicheError(.file, "cannot \(action()) in '\(path)': the file is closed", remedy: "use it before `close()`")
            }
            let status = body(id)
            guard status == NC_NOERR else { throw SeicheError.netCDF(status, action(), path) }
        }
    }

    private static func requireReadable(_ path: String) throws {
        guard Files.exists(path) else {
            throw SeicheError(.file, "there is no file '\(path)'", remedy: "check the path, or make the file first")
        }
        guard !Files.isFolder(path) else {
            throw SeicheError(.file, "'\(path)' is a folder, not a NetCDF file", remedy: "name a file in it")
        }
    }

    private static func looksLikeNetCDF(_ path: String) -> Bool {
        var first: [UInt8] = []
        try? Files.forEachBlock(of: path) { if first.isEmpty { first = Array($0.prefix(4)) } }
        return first == [0x89, 0x48, 0x44, 0x46] || first.prefix(3) == [0x43, 0x44, 0x46]
    }
}

// MARK: - Dimensions

/// A named axis of a file.
public struct NetCDFDimension: Equatable, Sendable {
    public let name: String
    /// Its length when it was asked for; an unlimited dimension may have grown since.
    public let length: Int
    public let isUnlimited: Bool
    let id: Int32
}

extension NetCDFFile {
    /// Defines a dimension of fixed length.
    @discardableResult
    public func defineDimension(_ name: String, length: Int) throws -> NetCDFDimension {
        guard length > 0 else {
            throw SeicheError(.file, "cannot define dimension '\(name)' in '\(path)': its length is \(length)", remedy: "give a length of at least 1")
        }
        return try defineDimension(name, lengthOrUnlimited: length)
    }

    /// Defines a dimension that grows as data is written along it. It must be the first of a variable to be appended to.
    @discardableResult
    public func defineUnlimitedDimension(_ name: String) throws -> NetCDFDimension {
        try defineDimension(name, lengthOrUnlimited: Int(NC_UNLIMITED))
    }

    private func defineDimension(_ name: String, lengthOrUnlimited length: Int) throws -> NetCDFDimension {
        var dimension: Int32 = 0
        try perform("define dimension '\(name)'") { nc_def_dim($0, name, length, &dimension) }
        return NetCDFDimension(name: name, length: length, isUnlimited: length == Int(NC_UNLIMITED), id: dimension)
    }

    /// All dimensions, in the order of their definition.
    public func dimensions() throws -> [NetCDFDimension] {
        var count: Int32 = 0
        var unlimitedCount: Int32 = 0
        try perform("list the dimensions") { nc_inq_ndims($0, &count) }
        try perform("list the dimensions") { nc_inq_unlimdims($0, &unlimitedCount, nil) }
        var unlimited = [Int32](repeating: 0, count: Int(unlimitedCount))
        try perform("list the dimensions") { nc_inq_unlimdims($0, nil, &unlimited) }
        return try (0..<count).map { id in
            var length = 0
            let name = try readName("read dimension \(id)") { nc_inq_dim($0, id, $1, &length) }
            return NetCDFDimension(name: name, length: length, isUnlimited: unlimited.contains(id), id: id)
        }
    }

    /// The dimension of this name.
    public func dimension(_ name: String) throws -> NetCDFDimension {
        let all = try dimensions()
        guard let found = all.first(where: { $0.name == name }) else {
            throw SeicheError(
                .file, "'\(path)' has no dimension '\(name)'", why: "it has \(all.map(\.name).joined(separator: ", "))",
                remedy: "check that this is the right file")
        }
        return found
    }

    /// A name that the library writes into a buffer of NC_MAX_NAME + 1 bytes.
    func readName(_ action: @autoclosure () -> String, _ body: (Int32, UnsafeMutablePointer<CChar>) -> Int32) throws -> String {
        var buffer = [CChar](repeating: 0, count: Int(NC_MAX_NAME) + 1)
        try perform(action()) { id in buffer.withUnsafeMutableBufferPointer { body(id, $0.baseAddress!) } }
        return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
