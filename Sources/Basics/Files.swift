#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// Under a name of its own, as functions called `write` below would hide it.
private let putBytes = write

/// The few file-system calls that this package needs, without Foundation.
/// Every failure is a `SeicheError(.file, ...)` that names the path.
public enum Files {
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public static func isFolder(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        closedir(folder)
        return true
    }

    /// The folder a path lies in: "a/b.nc" gives "a", "b.nc" gives ".".
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last component of a path: "a/b.nc" gives "b.nc".
    public static func name(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }

    /// Names in a folder, sorted byte by byte so that every machine lists them in the same order; without "." and "..".
    public static func list(folder path: String) throws -> [String] {
        guard let folder = opendir(path) else { throw failure("cannot list the folder '\(path)'", errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Creates a folder and the folders above it; one that exists is left as it is.
    public static func createFolder(_ path: String) throws {
        guard !path.isEmpty, !isFolder(path) else { return }
        try createFolder(path == "/" ? "" : folder(of: path))
        if mkdir(path, 0o777) != 0 && errno != EEXIST { throw failure("cannot create the folder '\(path)'", errno) }
        guard isFolder(path) else { throw failure("cannot create the folder '\(path)'", ENOTDIR) }
    }

    /// Removes a file; one that is not there is no error.
    public static func remove(_ path: String) throws {
        if unlink(path) != 0 && errno != ENOENT { throw failure("cannot remove '\(path)'", errno) }
    }

    /// Gives a finished file its final name. Its bytes are on the disk before the name changes, so that
    /// whatever happens the target is either the old file or the whole new one.
    public static func syncAndRename(_ temporary: String, to target: String) throws {
        try sync(temporary, flags: O_RDONLY)
        guard rename(temporary, target) == 0 else { throw failure("cannot rename '\(temporary)' to '\(target)'", errno) }
        // The new name survives a power cut only when the folder is on the disk too. Some file systems
        // refuse to sync a folder; the file is whole all the same.
        try? sync(folder(of: target), flags: O_RDONLY | O_DIRECTORY)
    }

    private static func sync(_ path: String, flags: Int32) throws {
        let descriptor = open(path, flags)
        guard descriptor >= 0 else { throw failure("cannot open '\(path)' to bring it to the disk", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot bring '\(path)' to the disk", errno) }
    }

    /// Calls `body` with the file's bytes, block by block, first to last.
    public static func forEachBlock(of path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw failure("cannot open '\(path)'", errno) }
        defer { close(descriptor) }
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { block.deallocate() }
        while true {
            let count = read(descriptor, block.baseAddress, block.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot read '\(path)'", errno)
            }
            body(UnsafeRawBufferPointer(rebasing: block[..<count]))
        }
    }

    /// The volume that holds `path`, or will hold it once it is made: a number of its own, and the bytes that are free to this user,
    /// nil for what is no disk and counts none.
    public static func volume(holding path: String) throws -> (id: UInt64, free: Double?) {
        var existing = path.isEmpty ? "." : path
        while !exists(existing), existing != ".", existing != "/" { existing = folder(of: existing) }
        var entry = stat()
        var volume = statvfs()
        guard stat(existing, &entry) == 0, statvfs(existing, &volume) == 0 else {
            throw failure("cannot tell the free space at '\(existing)'", errno)
        }
        return (UInt64(truncatingIfNeeded: entry.st_dev), volume.f_blocks == 0 ? nil : Double(volume.f_bavail) * Double(volume.f_frsize))
    }

    /// Writes a text whole or not at all, over a file of the same name.
    public static func writeAtomically(_ text: String, to path: String) throws {
        let temporary = "\(folder(of: path))/.\(name(of: path)).\(getpid()).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        guard descriptor >= 0 else { throw failure("cannot create '\(temporary)'", errno) }
        do {
            try write(Array(text.utf8), to: descriptor, of: temporary)
            try syncAndRename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
    }

    /// Writes all bytes and closes the descriptor.
    private static func write(_ bytes: [UInt8], to descriptor: Int32, of path: String) throws {
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { putBytes(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw failure("cannot write '\(path)'", errno) }
            written += max(0, count)
        }
    }

    private static func failure(_ what: String, _ code: Int32) -> SeicheError {
        SeicheError(.file, "\(what): \(String(cString: strerror(code)))", remedy: remedy(forErrno: code))
    }

    /// What the person at the keyboard can do about an `errno`, where there is something to do.
    public static func remedy(forErrno code: Int32) -> String? {
        switch code {
        case ENOENT: "check the path, or create the folder first"
        case EACCES, EPERM, EROFS: "check the permissions, or choose a folder that you may write to"
        case ENOSPC, EDQUOT: "free some space, or write to another disk"
        case ENOTDIR, EISDIR: "a file and a folder are confused: check the path"
        default: nil
        }
    }
}
