import Basics
import Emulators
import NetCDF
import TestSupport
import Testing

@Suite struct Lorenz96CheckpointTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func sample(_ network: Lorenz96Network) -> Lorenz96Checkpoint {
        let count = network.layout.count
        return Lorenz96Checkpoint(
            network: network, parameters: sampleTensor([count]).scalars.map { $0 / 3 }, scales: Lorenz96Scales(mean: 2.34, deviation: 3.64),
            timeStep: 0.05, provenance: ["experiment": "name: x", "command": "seiche train"], numbers: ["step": 7, "seconds": 1.5],
            vectors: count == 0 ? [:] : ["best_parameters": sampleTensor([count], seed: 2).scalars])
    }

    @Test(arguments: Lorenz96EmulatorTests.networks) func whatIsWrittenIsRead(_ network: Lorenz96Network) throws {
        let checkpoint = sample(network)
        try checkpoint.write(to: scratch.path("a.nc"))
        #expect(try Lorenz96Checkpoint(reading: scratch.path("a.nc")) == checkpoint)
        let emulator = try checkpoint.emulator()
        #expect(emulator.parameters.scalars == checkpoint.parameters && emulator.scales == checkpoint.scales && emulator.timeStep == 0.05)
    }

    @Test func aCheckpointOfAnotherModelIsRefused() throws {
        let ring = sample(.bilinearRK4(products: 1))
        try ring.write(to: scratch.path("ring.nc"))
        #expect(complaint(.file, "ring.nc", "'bilinear_rk4'", "implicit, explicit", "another model") {
            _ = try EmulatorCheckpoint(reading: scratch.path("ring.nc"))
        } == nil)
    }

    @Test(arguments: ["scale_mean", "scale_deviation", "time_step", "network_products", "tendency.sum.bias"])
    func somethingMissingIsNamed(name: String) throws {
        try NetCDFFile.writeAtomically(to: scratch.path("forged.nc")) { file in
            let checkpoint = sample(.bilinearRK4(products: 1))
            try file.setAttribute("seiche_checkpoint_version", .int32([1]))
            try file.setAttribute("network", .text(checkpoint.kind))
            for (key, value) in [("network_products", 1)] + checkpoint.figures where key != name { try file.setAttribute(key, .double([value])) }
            for block in checkpoint.layout.blocks where block.name != name {
                let names = block.shape.indices.map { "\(block.name).\($0)" }
                for (name, length) in zip(names, block.shape) { try file.defineDimension(name, length: length) }
                try file.defineVariable(block.name, Double.self, dimensions: names).write(Array(checkpoint.parameters[block.range]))
            }
        }
        #expect(complaint(.file, "forged.nc", name) { _ = try Lorenz96Checkpoint(reading: scratch.path("forged.nc")) } == nil)
    }
}
