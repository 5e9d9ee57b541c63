import Basics
import Dynamics
import NetCDF

/// One part of a data set: the trajectories in `DIRECTORY/training`, `validation` or `test`, one file each, in the order of their numbers.
public struct TrajectoryDataSet: Sendable {
    public enum Split: String, CaseIterable, Sendable {
        case training, validation, test
    }

    public let directory: String
    public let split: Split
    /// The files, `simulation_0000.nc` first. Other names in the folder are ignored.
    public let paths: [String]
    /// Number of states of each trajectory.
    public let stateCounts: [Int]
    public let nx: Int
    public let ny: Int
    /// Grid spacing in m.
    public let dx: Double
    public let dy: Double
    /// Time between two states, in s.
    public let timeStep: Double

    /// Lists a split and opens each file once: sizes, spacings and time steps must agree; depths may differ from file to file.
    public init(directory: String, split: Split) throws {
        let folder = "\(directory)/\(split.rawValue)"
        let remedy = "make it first with `seiche simulate EXPERIMENT.yaml`, or check the path"
        guard Files.isFolder(folder) else {
            throw SeicheError(.file, "there is no data set in '\(folder)'", remedy: remedy)
        }
        let numbers = try Files.list(folder: folder).compactMap(Self.index).sorted()
        guard !numbers.isEmpty else {
            throw SeicheError(.file, "the data set in '\(folder)' is empty: no file simulation_NNNN.nc", remedy: remedy)
        }
        paths = numbers.map { Self.path(directory: directory, split: split, index: $0) }
        let first = try Trajectory(path: paths[0])
        var counts: [Int] = []
        for path in paths {
            let next = try Trajectory(path: path)
            let (a, b) = (next.grid, first.grid)
            guard (a.nx, a.ny, a.dx, a.dy, next.timeStep) == (b.nx, b.ny, b.dx, b.dy, first.timeStep) else {
                throw SeicheError(
                    .file, "'\(path)' has \(a.nx) x \(a.ny) cells of \(a.dx) x \(a.dy) m every \(next.timeStep) s, "
                        + "but '\(first.path)' has \(b.nx) x \(b.ny) cells of \(b.dx) x \(b.dy) m every \(first.timeStep) s",
                    why: "files of two experiments lie in one folder", remedy: "give each experiment a folder of its own")
            }
            counts.append(next.count)
        }
        self.directory = directory
        self.split = split
        stateCounts = counts
        (nx, ny, dx, dy, timeStep) = (first.grid.nx, first.grid.ny, first.grid.dx, first.grid.dy, first.timeStep)
    }

    /// Number of trajectories.
    public var count: Int { paths.count }

    /// Opens a trajectory, 0 ..< `count`.
    public func trajectory(_ index: Int) throws -> Trajectory {
        guard paths.indices.contains(index) else {
            throw SeicheError(.invalidInput, "trajectory \(index) is asked of '\(directory)/\(split.rawValue)', which has \(count)",
                remedy: "trajectories count from 0; give a number below \(count)")
        }
        return try Trajectory(path: paths[index])
    }

    /// Where simulation `index` of a split lies: "data/basin/training/simulation_0007.nc".
    public static func path(directory: String, split: Split, index: Int) -> String {
        let digits = String(index)
        return "\(directory)/\(split.rawValue)/\(prefix)\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)\(suffix)"
    }

    private static let prefix = "simulation_"
    private static let suffix = ".nc"

    private static func index(of name: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix), let number = Int(name.dropFirst(prefix.count).dropLast(suffix.count)), number >= 0,
            // "simulation_7.nc" is not ours: its path would be another.
            path(directory: "", split: .test, index: number).hasSuffix("/" + name)
        else { return nil }
        return number
    }

    /// FNV-1a (64 bit) over the names and bytes of all files in order, as 16 hexadecimal digits: which data a model was trained on.
    public func checksum() throws -> String { try Self.checksum(of: paths) }

    static func checksum(of paths: [String]) throws -> String {
        var checksum = Checksum()
        for path in paths {
            for byte in Files.name(of: path).utf8 { checksum.add(byte) }
            try Files.forEachBlock(of: path) { for byte in $0 { checksum.add(byte) } }
        }
        let digits = String(checksum.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
