import Basics
import Configuration
import Foundation
import Testing

@Suite struct PublishedNetsTests {
    private static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test func theCommittedFileHoldsBothNetsAtThreeTimeSteps() throws {
        let published = try PublishedNets.load(path: Self.repository + "/experiments/published_nets.yaml")
        #expect(published.provenance.contains("published weights"))
        for timeStep in [300.0, 900, 1500] {
            let nets = published.nets(timeStep: timeStep)
            #expect(nets.map(\.name) == ["implicit", "explicit"])
            for net in nets {
                // Errors grow with lead time, and the implicit net is the better one.
                let errors = [net.oneStep] + net.errors + [net.end]
                #expect(errors == errors.sorted())
            }
            #expect(nets[0].oneStep < nets[1].oneStep && nets[0].end < nets[1].end)
        }
        #expect(published.nets(timeStep: 600).isEmpty)
    }

    @Test func aMisspelledKeyIsRefusedWithTheNearestName() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("nets-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "provenance: made up\nnets:\n  - {name: a, parameters: 1, time_step: 300, one_step: 0.1, steps: [5], errors: [0.2], ends: 1}\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: SeicheError.self) { try PublishedNets.load(path: path) }
        #expect(error?.description.contains("end") == true)
    }

    @Test(arguments: [nil, "quick"] as [String?])
    func theReproductionIsAnExperimentInBothSizes(size: String?) throws {
        let experiment = try Experiment.load(path: Self.repository + "/experiments/reproduction.yaml", size: size)
        #expect(experiment.simulations.test.count >= (size == nil ? 20 : 1))
    }
}
