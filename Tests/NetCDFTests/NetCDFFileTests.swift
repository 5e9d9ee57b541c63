import Basics
import NetCDF
import TestSupport
import Testing

@Suite struct NetCDFFileTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func roundTrip<Scalar: NetCDFScalar>(_ values: [Scalar], storage: NetCDFStorage) throws {
        let path = scratch.path("round.nc")
        try NetCDFFile.writeAtomically(to: path) { file in
            try file.defineDimension("y", length: 3)
            try file.defineDimension("x", length: values.count / 3)
            try file.defineVariable("a", Scalar.self, dimensions: ["y", "x"], storage: storage).write(values)
        }
        let variable = try NetCDFFile(reading: path).variable("a", shape: [3, values.count / 3])
        #expect(variable.type == Scalar.netCDF.type)
        #expect(try variable.read(Scalar.self) == values)
    }

    @Test(arguments: [
        NetCDFStorage(), NetCDFStorage(chunks: [1, 2]), NetCDFStorage(deflate: 1), NetCDFStorage(deflate: 9, shuffle: false),
        NetCDFStorage(chunks: [3, 1], deflate: 4),
    ])
    func everyTypeSurvivesEveryStorage(storage: NetCDFStorage) throws {
        try roundTrip([Int8.min, -1, 0, 1, 2, Int8.max], storage: storage)
        try roundTrip([Int32.min, -1, 0, 1, 2, Int32.max], storage: storage)
        try roundTrip([Int64.min, -1, 0, 1, 2, Int64.max], storage: storage)
        try roundTrip([-Float.infinity, -0.0, .leastNonzeroMagnitude, .pi, 2, .greatestFiniteMagnitude], storage: storage)
        try roundTrip([-Double.infinity, -0.0, .leastNonzeroMagnitude, .pi, 2, .greatestFiniteMagnitude], storage: storage)
    }

    @Test func deflateMakesSmoothFieldsSmaller() throws {
        let values = (0..<10_000).map { Float($0 / 100) }
        for (name, level) in [("plain.nc", 0), ("deflated.nc", 1)] {
            try NetCDFFile.writeAtomically(to: scratch.path(name)) { file in
                try file.defineDimension("x", length: values.count)
                try file.defineVariable("a", Float.self, dimensions: ["x"], storage: NetCDFStorage(deflate: level)).write(values)
            }
        }
        #expect(scratch.bytes("deflated.nc").count * 2 < scratch.bytes("plain.nc").count)
    }

    @Test func attributesOfEveryKindComeBack() throws {
        let attributes: [(String, NetCDFAttribute)] = [
            ("units", "m s-1"), ("empty", ""), ("umlaut", "Größe, 5 µm"), ("texts", .texts(["a", "bc"])), ("flag_values", .int8([0, 1])),
            ("count", 3), ("big", .int64([1 << 60])), ("shift", 0.5), ("range", .float([0, 1])), ("vector", .double([1, 2, 3])),
        ]
        try NetCDFFile.writeAtomically(to: scratch.path("a.nc")) { file in
            try file.defineVariable("v", Int32.self, dimensions: [], attributes: attributes)
            for (name, value) in attributes { try file.setAttribute(name, value) }
        }
        let file = try NetCDFFile(reading: scratch.path("a.nc"))
        let variable = try file.variable("v")
        for (name, value) in attributes {
            #expect(try file.attribute(name) == value)
            #expect(try variable.attribute(name) == value)
        }
        #expect(try variable.attributeNames() == attributes.map(\.0))
        #expect(try file.attributeNames() == attributes.map(\.0))
        #expect(try file.attributeIfPresent("absent") == nil)
        #expect(try file.attribute("vector").numbers == [1, 2, 3])
        #expect(try file.attribute("shift").number == 0.5)
        #expect(try file.attribute("vector").number == nil)
        #expect(try file.attribute("units").text == "m s-1")
    }

    @Test func structureIsListedInOrderOfDefinition() throws {
        try NetCDFFile.writeAtomically(to: scratch.path("s.nc")) { file in
            try file.defineUnlimitedDimension("time")
            try file.defineDimension("x", length: 4)
            try file.defineVariable("b", Double.self, dimensions: ["time", "x"])
            try file.defineVariable("a", Int8.self, dimensions: [])
        }
        let file = try NetCDFFile(reading: scratch.path("s.nc"))
        #expect(try file.dimensions().map(\.name) == ["time", "x"])
        #expect(try file.dimensions().map(\.isUnlimited) == [true, false])
        #expect(try file.dimension("x").length == 4)
        #expect(try file.variables().map(\.name) == ["b", "a"])
        #expect(try file.variables().map(\.dimensionNames) == [["time", "x"], []])
        #expect(try file.variableIfPresent("c") == nil)
        #expect(try file.variable("b").shape() == [0, 4])
        #expect(try file.variable("b").read(Double.self).isEmpty)
    }

    @Test func unlimitedDimensionGrowsAndHyperslabsCutWhatWasWritten() throws {
        try NetCDFFile.writeAtomically(to: scratch.path("h.nc")) { file in
            try file.defineUnlimitedDimension("time")
            try file.defineDimension("x", length: 4)
            let variable = try file.defineVariable("a", Int32.self, dimensions: ["time", "x"])
            for time in 0..<3 {
                try variable.write((0..<4).map { Int32(10 * time + $0) }, start: [time, 0], count: [1, 4])
                #expect(try variable.shape() == [time + 1, 4])
            }
        }
        let variable = try NetCDFFile(reading: scratch.path("h.nc")).variable("a")
        #expect(try variable.read(Int32.self, start: [1, 1], count: [2, 2]) == [11, 12, 21, 22])
        #expect(try variable.read(Int32.self, start: [3, 0], count: [0, 4]).isEmpty)
        #expect(try variable.read(Double.self, start: [2, 3], count: [1, 1]) == [23])
        var buffer = [Int32](repeating: 0, count: 3)
        try buffer.withUnsafeMutableBufferPointer { try variable.read(into: $0, start: [0, 2], count: [3, 1]) }
        #expect(buffer == [2, 12, 22])
    }

    @Test func unwrittenElementsHoldTheFillValue() throws {
        try NetCDFFile.writeAtomically(to: scratch.path("f.nc")) { file in
            try file.defineDimension("x", length: 3)
            try file.defineVariable("own", Float.self, dimensions: ["x"], fill: -999).write([7], start: [1], count: [1])
            try file.defineVariable("default", Double.self, dimensions: ["x"]).write([7], start: [1], count: [1])
            try file.defineVariable("flag", Int8.self, dimensions: ["x"], fill: -1)
        }
        let file = try NetCDFFile(reading: scratch.path("f.nc"))
        #expect(try file.variable("own").read(Float.self) == [-999, 7, -999])
        #expect(try file.variable("own").fillValue() == -999)
        #expect(try file.variable("default").read(Double.self) == [Double.netCDF.defaultFill, 7, Double.netCDF.defaultFill])
        #expect(try file.variable("default").fillValue() == nil)
        #expect(try file.variable("flag").read(Int8.self) == [-1, -1, -1])
    }

    @Test func sameContentGivesTheSameBytes() throws {
        for name in ["1.nc", "2.nc"] {
            try NetCDFFile.writeAtomically(to: scratch.path(name)) { file in
                try file.defineUnlimitedDimension("time")
                try file.defineDimension("x", length: 100)
                let variable = try file.defineVariable(
                    "a", Float.self, dimensions: ["time", "x"], fill: -1, storage: NetCDFStorage(chunks: [1, 100], deflate: 1), attributes: [("units", "m")])
                try variable.write((0..<100).map { Float($0).squareRoot() }, start: [2, 0], count: [1, 100])
            }
        }
        #expect(scratch.bytes("1.nc") == scratch.bytes("2.nc"))
    }

    @Test func manyThreadsMayWriteAndReadAtOnce() throws {
        let scratch = scratch
        let shared = scratch.path("shared.nc")
        try NetCDFFile.writeAtomically(to: shared) { file in
            try file.defineDimension("x", length: 1000)
            try file.defineVariable("a", Int32.self, dimensions: ["x"], storage: NetCDFStorage(chunks: [10], deflate: 1)).write((0..<1000).map(Int32.init))
        }
        let common = try NetCDFFile(reading: shared)
        // Many short-lived files: without the lock the library's table of open files breaks, though a thread-safe HDF5 hides the rest.
        try concurrentForEach(32) { index in
            let path = scratch.path("\(index).nc")
            for _ in 0..<20 {
                try NetCDFFile.writeAtomically(to: path) { file in
                    try file.defineDimension("x", length: 100)
                    try file.defineVariable("a", Int32.self, dimensions: ["x"], storage: NetCDFStorage(deflate: 1), attributes: [("units", "m")])
                        .write([Int32](repeating: Int32(index), count: 100))
                }
                let own = try NetCDFFile(reading: path).variable("a").read(Int32.self)
                let part = try common.variable("a").read(Int32.self, start: [index * 30], count: [30])
                guard own.allSatisfy({ $0 == Int32(index) }), part == (0..<30).map({ Int32(index * 30 + $0) }) else {
                    throw SeicheError(.file, "thread \(index) read what another wrote")
                }
            }
        }
        #expect(scratch.contents.count == 33)
    }
}
