import Basics
import Dynamics
import Emulators
import Foundation
import NetCDF
import TestSupport
import Testing

@Suite struct EmulatorCheckpointTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func sample(_ kind: NetworkKind = .implicit) throws -> EmulatorCheckpoint {
        let parameters = try kind.parameters().scalars.map { $0 / 3 }
        return EmulatorCheckpoint(
            specification: kind.specification, parameters: parameters, scales: sampleScales, timeStep: 600, dx: 1000, dy: 1500,
            provenance: ["command": "seiche train basin.yaml", "comment": "tiefe Fjorde: 200 m \u{2265} \u{00e4}\nsecond line", "empty": ""],
            numbers: ["step": 1234, "best_loss": 0.1, "unseen": .infinity],
            vectors: ["adam_first_moment": parameters.map { $0 * 1e-200 }, "adam_second_moment": parameters.map { $0 * $0 }])
    }

    @Test(arguments: NetworkKind.allCases) func comesBackBitForBit(_ kind: NetworkKind) throws {
        let checkpoint = try sample(kind)
        try checkpoint.write(to: scratch.path("best.nc"))
        #expect(try EmulatorCheckpoint(reading: scratch.path("best.nc")) == checkpoint)
        #expect(scratch.contents == ["best.nc"])
        let first = scratch.bytes("best.nc")
        try checkpoint.write(to: scratch.path("best.nc"))
        #expect(scratch.bytes("best.nc") == first, "the same training must give the same bytes")
    }

    @Test(arguments: NetworkKind.allCases) func readEmulatorForecastsTheSame(_ kind: NetworkKind) throws {
        let grid = try islandGrid()
        try sample(kind).write(to: scratch.path("best.nc"))
        let (before, after) = (try sample(kind).emulator(on: grid), try EmulatorCheckpoint(reading: scratch.path("best.nc")).emulator(on: grid))
        #expect(try before.step(physicalState(grid)) == after.step(physicalState(grid)))
        #expect(after.timeStep == 600)
    }

    @Test func bareCheckpoint() throws {
        var bare = try sample()
        (bare.provenance, bare.numbers, bare.vectors) = ([:], [:], [:])
        try bare.write(to: scratch.path("bare.nc"))
        #expect(try EmulatorCheckpoint(reading: scratch.path("bare.nc")) == bare)
    }

    @Test func gridOfAnotherSpacing() throws {
        let grid = try ShallowWaterGrid(nx: 3, ny: 3, dx: 1000, dy: 2000, depth: [Double](repeating: 5, count: 9))
        #expect(complaint(.invalidInput, "1000.0 x 2000.0 m", "1000.0 x 1500.0 m") { _ = try sample(.explicit).emulator(on: grid) } == nil)
    }

    // MARK: Files that disappoint

    @Test(arguments: [0, 0.1, 0.5, 0.9, 0.99]) func truncated(part: Double) throws {
        try sample().write(to: scratch.path("whole.nc"))
        let whole = scratch.bytes("whole.nc")
        try scratch.write(whole.prefix(Int(Double(whole.count) * part)), to: "cut.nc")
        #expect(complaint(.file, "cut.nc") { _ = try EmulatorCheckpoint(reading: scratch.path("cut.nc")) } == nil)
    }

    @Test func somethingElse() throws {
        #expect(complaint(.file, "absent.nc") { _ = try EmulatorCheckpoint(reading: scratch.path("absent.nc")) } == nil)
        try NetCDFFile.writeAtomically(to: scratch.path("field.nc")) { try $0.setAttribute("title", .text("a field")) }
        #expect(complaint(.file, "field.nc", "not an emulator checkpoint") { _ = try EmulatorCheckpoint(reading: scratch.path("field.nc")) } == nil)
    }

    /// Writes a file by hand with all that `sample(kind)` has, save for what is changed.
    private func forge(
        _ kind: NetworkKind = .implicit, _ attributes: [String: NetCDFAttribute] = [:], dropping dropped: String = "",
        values: (String, [Double]) -> [Double] = { $1 }
    ) throws -> String {
        let checkpoint = try sample(kind)
        var all: [String: NetCDFAttribute] = [
            "seiche_checkpoint_version": .int32([1]), "network": .text(checkpoint.specification.kind), "scale_zeta_m": .double([1]),
            "scale_u_m_s": .double([1]), "scale_v_m_s": .double([1]), "scale_depth_m": .double([1]), "time_step_s": .double([1]),
            "dx_m": .double([1]), "dy_m": .double([1]),
            "network_revision": .int32([Int32(EmulatorCheckpoint.revision(of: checkpoint.specification.kind))]),
        ]
        for size in checkpoint.specification.sizes { all["network_" + size.name] = .int32([Int32(size.value)]) }
        all.merge(attributes) { $1 }
        all[dropped] = nil
        let path = scratch.path("forged.nc")
        try NetCDFFile.writeAtomically(to: path) { file in
            for (name, value) in all { try file.setAttribute(name, value) }
            for block in try checkpoint.specification.network().layout.blocks where block.name != dropped {
                let names = block.shape.indices.map { "\(block.name).\($0)" }
                for (name, length) in zip(names, block.shape) { try file.defineDimension(name, length: length) }
                try file.defineVariable(block.name, Double.self, dimensions: names)
                    .write(values(block.name, Array(checkpoint.parameters[block.range])))
            }
        }
        return path
    }

    @Test(arguments: NetworkKind.allCases) func forgeryIsReadWhereNothingIsWrong(_ kind: NetworkKind) throws {
        #expect(try EmulatorCheckpoint(reading: forge(kind)).parameters == sample(kind).parameters)
    }

    /// Whatever a file says of its network's sizes, reading ends in an error: a trap would end the test.
    @Test(arguments: NetworkKind.allCases) func sizesThatAreNotThoseOfTheWeights(_ kind: NetworkKind) throws {
        for size in try sample(kind).specification.sizes {
            for value in [0, 4096, 20_000, 1_000_000, .max] as [Int32] where value != size.value {
                let path = try forge(kind, ["network_" + size.name: .int32([value])])
                #expect(complaint(.file, "forged.nc") { _ = try EmulatorCheckpoint(reading: path) } == nil, "\(size.name) = \(value)")
            }
        }
    }

    @Test func parametersOfAnotherNetworkAreNotWritten() throws {
        var short = try sample()
        short.parameters.removeLast()
        #expect(complaint(.invalidInput, "\(short.parameters.count + 1) parameters") { try short.write(to: scratch.path("short.nc")) } == nil)
        #expect(scratch.contents == [])
    }

    @Test(arguments: [2, 1e300, -1, 1.5, Double.nan, .infinity]) func anotherFormat(version: Double) throws {
        let path = try forge(.implicit, ["seiche_checkpoint_version": .double([version])])
        #expect(complaint(.file, "forged.nc", "format") { _ = try EmulatorCheckpoint(reading: path) } == nil)
    }

    /// Weights whose network has changed its meaning would give wrong forecasts without a word. Files of the first revision do not name it.
    @Test(arguments: NetworkKind.allCases) func anotherRevision(_ kind: NetworkKind) throws {
        let revision = EmulatorCheckpoint.revision(of: try sample(kind).specification.kind)
        for other in [0, Double(revision) + 1, 1.5, .nan] {
            let path = try forge(kind, ["network_revision": .double([other])])
            #expect(complaint(.file, "forged.nc", "revision \(revision)") { _ = try EmulatorCheckpoint(reading: path) } == nil)
        }
        let unnamed = try forge(kind, dropping: "network_revision")
        if revision == 1 {
            #expect(try EmulatorCheckpoint(reading: unnamed).parameters == sample(kind).parameters)
        } else {
            #expect(complaint(.file, "forged.nc", "revision 1 ") { _ = try EmulatorCheckpoint(reading: unnamed) } == nil)
        }
    }

    @Test(arguments: [
        "network", "network_products", "scale_zeta_m", "scale_depth_m", "time_step_s", "dx_m", "dy_m",
        "linear.weights", "coefficients.bias",
    ])
    func somethingMissing(name: String) throws {
        let path = try forge(dropping: name)
        #expect(complaint(.file, "forged.nc", name) { _ = try EmulatorCheckpoint(reading: path) } == nil)
    }

    @Test func networkOfAnotherSize() throws {
        for (name, value, words) in [
            ("network_products", 3, ["waves.weights", "3, 3, 3, 3"]), ("network_products", -1, ["network_products", "-1"]),
            ("network_products", 1 << 30, ["network_products"]),
        ] as [(String, Int32, [String])] {
            let path = try forge(.implicit, [name: .int32([value])])
            #expect(complaint(.file, ["forged.nc"] + words) { _ = try EmulatorCheckpoint(reading: path) } == nil)
        }
        for kind in ["transformer", ""] {
            let path = try forge(.implicit, ["network": .text(kind)])
            #expect(complaint(.file, "forged.nc", "'\(kind)'", "implicit, explicit") { _ = try EmulatorCheckpoint(reading: path) } == nil)
        }
    }

    @Test(arguments: [Double.nan, .infinity]) func weightThatIsNotFinite(value: Double) throws {
        let path = try forge { name, values in name == "coefficients.bias" ? [value] + values.dropFirst() : values }
        #expect(complaint(.file, "forged.nc", "coefficients.bias", "\(value)") { _ = try EmulatorCheckpoint(reading: path) } == nil)
    }

    // MARK: All or nothing

    @Test func failedWriteKeepsTheOldFile() throws {
        try sample().write(to: scratch.path("last.nc"))
        let before = scratch.bytes("last.nc")
        var torn = try sample()
        torn.vectors["no/name"] = [1, 2, 3]
        #expect(complaint(.file, "no/name") { try torn.write(to: scratch.path("last.nc")) } == nil)
        #expect(scratch.bytes("last.nc") == before && scratch.contents == ["last.nc"])
        #expect(complaint(.file, "no/name") { try torn.write(to: scratch.path("new.nc")) } == nil)
        #expect(scratch.contents == ["last.nc"])
    }
}
