import Basics
import Foundation
import NetCDF
import TestSupport
import Testing

/// Every way a file can disappoint, and that the error names the file and what is wrong.
@Suite struct NetCDFErrorTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// A file with `a[y 3, x 4]`.
    private func sample(_ name: String = "sample.nc", length: Int = 4) throws -> String {
        let path = scratch.path(name)
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("y", length: 3)
            try file.defineDimension("x", length: length)
            try file.defineVariable("a", Float.self, dimensions: ["y", "x"]).write([Float](repeating: 300, count: 3 * length))
        }
        return path
    }

    @Test func missingFileAndFolder() throws {
        let missing = scratch.path("absent.nc")
        #expect(complaint(.file, missing, "there is no file") { _ = try NetCDFFile(reading: missing) } == nil)
        #expect(complaint(.file, scratch.folder, "is a folder") { _ = try NetCDFFile(reading: scratch.folder) } == nil)
        #expect(complaint(.file, "there is no folder", "create the folder") { _ = try NetCDFFile(creating: scratch.path("no/such/folder.nc")) } == nil)
        #expect(complaint(.file, "is a folder") { try NetCDFFile.writeAtomically(to: scratch.folder) { _ in } } == nil)
    }

    @Test func somethingElseThanNetCDF() throws {
        try scratch.write(Data("learning_rate: 0.001\n".utf8), to: "experiment.yaml")
        #expect(complaint(.file, "experiment.yaml", "not a NetCDF file") { _ = try NetCDFFile(reading: scratch.path("experiment.yaml")) } == nil)
        try scratch.write(Data(), to: "empty.nc")
        #expect(complaint(.file, "empty.nc", "not a NetCDF file") { _ = try NetCDFFile(reading: scratch.path("empty.nc")) } == nil)
    }

    @Test(arguments: [0.1, 0.5, 0.9, 0.999]) func truncatedFile(part: Double) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: sample(length: 5000)))
        try scratch.write(whole.prefix(Int(Double(whole.count) * part)), to: "cut.nc")
        #expect(complaint(.file, "cut.nc", "truncated") { _ = try NetCDFFile(reading: scratch.path("cut.nc")) } == nil)
    }

    @Test func wrongNameOrShape() throws {
        let file = try NetCDFFile(reading: sample())
        #expect(complaint(.file, "sample.nc", "'zeta'", "it has a") { _ = try file.variable("zeta") } == nil)
        #expect(complaint(.file, "sample.nc", "'time'", "it has y, x") { _ = try file.dimension("time") } == nil)
        #expect(complaint(.file, "sample.nc", "'units'", "variable 'a'") { _ = try file.variable("a").attribute("units") } == nil)
        #expect(complaint(.file, "sample.nc", "'a'", "[y 3, x 4]", "[4, 3]") { _ = try file.variable("a", shape: [4, 3]) } == nil)
    }

    @Test func slabOutsideTheVariable() throws {
        let variable = try NetCDFFile(reading: sample()).variable("a")
        #expect(complaint(.file, "[2, 4]", "[y 3, x 4]", "'a'") { _ = try variable.read(Float.self, start: [2, 0], count: [2, 4]) } == nil)
        #expect(complaint(.file, "'a'") { _ = try variable.read(Float.self, start: [0], count: [3]) } == nil)
        #expect(complaint(.file, "'a'") { _ = try variable.read(Float.self, start: [-1, 0], count: [1, 1]) } == nil)
        #expect(complaint(.file, "'a'") { _ = try variable.read(Float.self, start: [Int.max, 0], count: [Int.max, 1]) } == nil)
        var small = [Float](repeating: 0, count: 2)
        #expect(complaint(.file, "2 values", "[y 1, x 4]") {
            try small.withUnsafeMutableBufferPointer { try variable.read(into: $0, start: [0, 0], count: [1, 4]) }
        } == nil)
    }

    @Test func valueThatDoesNotFitItsType() throws {
        let variable = try NetCDFFile(reading: sample()).variable("a")
        #expect(complaint(.file, "'a'", "does not fit", "wider type") { _ = try variable.read(Int8.self) } == nil)
    }

    @Test func definitionsThatCannotBe() throws {
        let file = try NetCDFFile(creating: scratch.path("d.nc"))
        try file.defineDimension("x", length: 4)
        #expect(complaint(.file, "'x'", "already taken") { try file.defineDimension("x", length: 5) } == nil)
        #expect(complaint(.file, "'y'", "length is 0") { try file.defineDimension("y", length: 0) } == nil)
        #expect(complaint(.file, "'v'", "there is no dimension 'z'") { try file.defineVariable("v", Float.self, dimensions: ["z"]) } == nil)
        #expect(complaint(.file, "'v'", "chunks are [0]") {
            try file.defineVariable("v", Float.self, dimensions: ["x"], storage: NetCDFStorage(chunks: [0]))
        } == nil)
        #expect(complaint(.file, "'w'", "at level 17", "0 ... 9") {
            try file.defineVariable("w", Float.self, dimensions: ["x"], storage: NetCDFStorage(deflate: 17))
        } == nil)
        #expect(complaint(.file, "'a/b'", "no '/'") { try file.defineVariable("a/b", Float.self, dimensions: ["x"]) } == nil)
        let variable = try file.defineVariable("u", Float.self, dimensions: ["x"])
        #expect(complaint(.file, "'u'", "3 values") { try variable.write([Float](repeating: 0, count: 3)) } == nil)
        #expect(complaint(.file, "'u'", "[x 4]") { try variable.write([Float](repeating: 0, count: 5), start: [0], count: [5]) } == nil)
    }

    @Test func writingWhereOnlyReadingIsAllowed() throws {
        let file = try NetCDFFile(reading: sample())
        #expect(complaint(.file, "sample.nc", "opened for reading") { try file.setAttribute("title", "x") } == nil)
        #expect(complaint(.file, "sample.nc", "'a'") { try file.variable("a").write([Float](repeating: 0, count: 12)) } == nil)
    }

    @Test func closedFile() throws {
        let file = try NetCDFFile(reading: sample())
        let variable = try file.variable("a")
        try file.close()
        try file.close()
        #expect(complaint(.file, "sample.nc", "is closed") { _ = try variable.read(Float.self) } == nil)
    }

    // MARK: All or nothing

    private struct Interruption: Error {}

    @Test func failedWriteLeavesNothing() throws {
        #expect(throws: Interruption.self) {
            try NetCDFFile.writeAtomically(to: scratch.path("t.nc")) { file in
                try file.defineDimension("x", length: 4)
                throw Interruption()
            }
        }
        #expect(scratch.contents.isEmpty)
    }

    @Test func failedWriteKeepsTheOldFile() throws {
        _ = try sample("t.nc")
        let before = scratch.bytes("t.nc")
        #expect(throws: Interruption.self) { try NetCDFFile.writeAtomically(to: scratch.path("t.nc")) { _ in throw Interruption() } }
        #expect(scratch.bytes("t.nc") == before)
        #expect(scratch.contents == ["t.nc"])
    }

    @Test func targetAppearsOnlyWhenFinished() throws {
        let pending = try AtomicNetCDFFile(target: scratch.path("t.nc"))
        try pending.file.defineDimension("x", length: 4)
        #expect(!scratch.contents.contains("t.nc"))
        try pending.finish()
        try pending.finish()
        pending.abandon()
        #expect(scratch.contents == ["t.nc"])
        #expect(try NetCDFFile(reading: scratch.path("t.nc")).dimension("x").length == 4)
    }

    @Test func droppedOrAbandonedWriterLeavesNothing() throws {
        do { _ = try AtomicNetCDFFile(target: scratch.path("t.nc")) }
        #expect(scratch.contents.isEmpty)
        let pending = try AtomicNetCDFFile(target: scratch.path("t.nc"))
        pending.abandon()
        #expect(complaint(.file, "t.nc", "abandoned") { try pending.finish() } == nil)
        #expect(scratch.contents.isEmpty)
    }

    @Test func lockThatIsHeldForAMomentIsWaitedFor() throws {
        // What a process that is being started does to the files open in its parent.
        let path = scratch.path("held.nc")
        try NetCDFFile.writeAtomically(to: path) { try $0.defineDimension("x", length: 3) }
        let holder = open(path, O_RDONLY)
        defer { close(holder) }
        #expect(flock(holder, LOCK_EX) == 0)
        Thread.detachNewThread {
            usleep(100_000)
            flock(holder, LOCK_UN)
        }
        _ = try NetCDFFile(reading: path)
    }

    @Test func lockThatIsKeptIsAnError() throws {
        let path = scratch.path("kept.nc")
        try NetCDFFile.writeAtomically(to: path) { try $0.defineDimension("x", length: 3) }
        let holder = open(path, O_RDONLY)
        defer { close(holder) }
        #expect(flock(holder, LOCK_EX) == 0)
        #expect(throws: SeicheError.self) { try NetCDFFile(reading: path) }
    }
}
