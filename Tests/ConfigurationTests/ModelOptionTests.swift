import Basics
import Configuration
import Foundation
import Testing

/// The optional terms of the model: rotation, friction, wind, edges, open boundary, start.
struct ModelOptionTests {
    private func model(_ keys: String...) throws -> Experiment.Model {
        let yaml = "name: a\ntraining: {steps: 5}\nmodel:\n" + keys.map { "  \($0)\n" }.joined()
        let experiment = try Experiment.parse(yaml, source: "e.yaml")
        // Whatever is read is written so that it is read again.
        let text = try experiment.resolvedYAML
        let again = try Experiment.parse(text)
        #expect(again == experiment, "\(text)")
        return experiment.model
    }

    private func refusal(_ keys: String...) throws -> String {
        let yaml = "name: a\ntraining: {steps: 5}\nmodel:\n" + keys.map { "  \($0)\n" }.joined()
        let error = try #require(throws: SeicheError.self) { _ = try Experiment.parse(yaml, source: "e.yaml") }
        #expect(error.category == .invalidInput)
        return error.what + " | " + (error.remedy ?? "")
    }

    @Test func everythingIsOffByDefault() throws {
        let model = try model("time_step: 300")
        #expect(model == Experiment.Model())
        #expect(model.rotation == nil && model.wind == nil && model.openBoundary == nil && model.periodic.isEmpty)
        #expect(model.linearDrag == 0 && !model.isLinear && model.density == 1025 && model.start.secondsSince2000 == 0)
    }

    /// So that what is written of experiments without options stays as it was.
    @Test func whatIsOffIsNotWritten() throws {
        let text = try Experiment(name: "a").resolvedYAML
        #expect(text.contains("\n  time_step:"))
        for key in ["linear", "linear_drag", "density", "coriolis", "beta", "rotation", "wind", "start", "periodic", "open_boundary"] {
            #expect(!text.contains("\n  \(key):"))
        }
        #expect(try Experiment.parse("name: a\ntraining: {steps: 5}\nmodel: {density: 1000}").resolvedYAML.contains("density: 1000.0"))
    }

    @Test(arguments: ["linear_drag: 0", "start: 2000-01-01", "wind: {x: 1}", "rotation: {latitude: 5}", "periodic: [x]"])
    func lorenz96HasNoneOfThem(key: String) throws {
        let yaml = "name: a\nmodel:\n  kind: lorenz96\n  \(key)\n"
        let error = try #require(throws: SeicheError.self) { _ = try Experiment.parse(yaml) }
        #expect(error.what.contains("has no meaning here: it applies only when model.kind is shallow_water"), "\(error)")
    }

    /// The keys that north_sea.yaml only mentions are keys: without the comment signs they are read.
    @Test func theCommentsOfNorthSeaAreTrue() throws {
        let text = try String(contentsOfFile: "\(repository)/experiments/north_sea.yaml", encoding: .utf8)
        let parts = text.components(separatedBy: "# What is off unless it is given:\n")
        try #require(parts.count == 2)
        let lines = parts[1].components(separatedBy: "\n")
        let mentioned = lines.prefix { $0.hasPrefix("  # ") }
        let rest = lines.dropFirst(mentioned.count)
        let yaml = parts[0] + "\n" + (mentioned.map { "  " + $0.dropFirst(4) } + rest).joined(separator: "\n")
        let model = try Experiment.parse(yaml).model
        #expect(model.rotation == .latitude(56, betaPlane: true) && model.wind == .constant(x: 0.1, y: 0) && model.periodic == [.x])
        #expect(model.openBoundary == .edges([.north, .west], constituents: [.init(.name(.m2), amplitude: 0.5)]))
    }

    @Test func plainOptions() throws {
        let model = try model("linear_drag: 1.0e-5", "linear: true", "density: 1000", "periodic: [x, y]", "start: 2020-02-29 12:00:30")
        #expect(model.linearDrag == 1e-5 && model.isLinear && model.density == 1000 && model.periodic == [.x, .y])
        #expect(model.start == CalendarTime("2020-02-29 12:00:30"))
        #expect(try self.model("start: \"2020-02-29\"").start == CalendarTime("2020-02-29"))
        #expect(try refusal("linear_drag: -1").contains("model.linear_drag is '-1', expected a number of at least 0"))
        #expect(try refusal("density: 0").contains("model.density"))
        #expect(try refusal("periodic: [z]").contains("model.periodic[0] is 'z', expected x or y"))
        #expect(try refusal("periodic: [x, x]").contains("model.periodic names the same twice"))
        #expect(try refusal("start: 2021-02-29 00:00:00").contains("model.start is '2021-02-29 00:00:00', expected a date and time"))
        #expect(try refusal("linear: yes").contains("model.linear is 'yes', expected true or false"))
    }

    @Test func rotation() throws {
        let numbers = try #require(try model("coriolis: 1.2e-4", "beta: 1.0e-11").rotation)
        #expect(numbers.coriolis == 1.2e-4 && numbers.beta == 1e-11)
        #expect(try model("beta: 1.0e-11").rotation == .parameters(coriolis: 0, beta: 1e-11))
        let plane = try #require(try model("rotation: {latitude: 56, beta_plane: true}").rotation)
        // The field's textbook values at 56 N.
        #expect(abs(plane.coriolis - 1.209e-4) < 1e-7 && abs(plane.beta - 1.28e-11) < 1e-13)
        let flat = try #require(try model("rotation: {latitude: -30}").rotation)
        #expect(abs(flat.coriolis + 7.292e-5) < 1e-8 && flat.beta == 0)
        #expect(try refusal("coriolis: 1.0e-4", "rotation: {latitude: 5}").contains("model.coriolis and model.rotation are both given"))
        #expect(try refusal("rotation: {latitude: 91}").contains("model.rotation.latitude is '91', expected a number from -90.0 to 90.0"))
        #expect(try refusal("rotation: {beta_plane: true}").contains("required key model.rotation.latitude is missing"))
        #expect(try refusal("rotation: {latitude: 5, betaplane: true}").contains("did you mean model.rotation.beta_plane"))
        #expect(try refusal("rotation: 56").contains("model.rotation is '56', expected a section"))
    }

    @Test func wind() throws {
        #expect(try model("wind: {x: 0.1}").wind == .constant(x: 0.1, y: 0))
        #expect(try model("wind: {x: 0.1, y: -0.2}").wind == .constant(x: 0.1, y: -0.2))
        #expect(try model("wind: {file: wind.nc}").wind == .file("wind.nc"))
        #expect(try refusal("wind: {x: 0.1, file: wind.nc}").contains("model.wind.file and a constant wind are both given"))
        #expect(try refusal("wind: {}").contains("model.wind.x is missing, and so is model.wind.file"))
        #expect(try refusal("wind: {speed: 5}").contains("model.wind.x is missing"))
        #expect(try refusal("wind: {x: 5, z: 1}").contains("model.wind.z is not a known key"))
    }

    @Test func openBoundary() throws {
        let tides = "constituents: [{name: M2, amplitude: 0.5, phase: 1}, {period: 43200, amplitude: 0.1}, {frequency: 1.0e-4, amplitude: 0.2}]"
        let model = try model("open_boundary: {edges: [north, west], \(tides)}")
        guard case .edges(let edges, let constituents) = model.openBoundary else { return #expect(Bool(false), "no edges") }
        #expect(edges == [.north, .west])
        #expect(constituents == [
            .init(.name(.m2), amplitude: 0.5, phase: 1), .init(.period(43_200), amplitude: 0.1), .init(.frequency(1e-4), amplitude: 0.2),
        ])
        #expect(try self.model("open_boundary: {file: boundary.nc}").openBoundary == .file("boundary.nc"))
        #expect(try refusal("open_boundary: {edges: [north]}").contains("model.open_boundary.constituents is missing"))
        #expect(try refusal("open_boundary: {\(tides)}").contains("model.open_boundary.edges is missing"))
        #expect(try refusal("open_boundary: {file: a.nc, edges: [north]}").contains("model.open_boundary.file and edges"))
        #expect(try refusal("open_boundary: {edges: [up], \(tides)}").contains("model.open_boundary.edges[0] is 'up', expected north, east, south or west"))
        func constituent(_ text: String) throws -> String { try refusal("open_boundary: {edges: [north], constituents: [\(text)]}") }
        #expect(try constituent("{amplitude: 1}").contains(
            "model.open_boundary.constituents[0].name is missing: no frequency is given | give one of name (M2, S2, N2, K1 or O1)"))
        #expect(try constituent("{name: M2, period: 1, amplitude: 1}").contains("beside another frequency"))
        #expect(try constituent("{name: X9, amplitude: 1}").contains("constituents[0].name is 'X9', expected M2, S2, N2, K1 or O1"))
        #expect(try constituent("{name: M2}").contains("required key model.open_boundary.constituents[0].amplitude is missing"))
        #expect(try constituent("{name: M2, amplitude: 1, phse: 2}").contains("did you mean model.open_boundary.constituents[0].phase"))
        #expect(try constituent("M2").contains("model.open_boundary.constituents[0] is 'M2', expected a section"))
        #expect(try refusal("open_boundary: {edges: [north], constituents: M2}").contains("expected a list of one or more sections"))
    }

    /// Periods in hours, to a second or better, of tables of tides.
    @Test(arguments: [(Experiment.Model.Constituent.Name.m2, 12.4206), (.s2, 12), (.n2, 12.6583), (.k1, 23.9345), (.o1, 25.8193)])
    func periodsOfConstituents(name: Experiment.Model.Constituent.Name, hours: Double) {
        let frequency = Experiment.Model.Constituent(.name(name), amplitude: 1).radiansPerSecond
        #expect(abs(2 * Double.pi / frequency / 3600 - hours) <= 1e-4)
    }

    @Test func aBasinHasNoOpenOrPeriodicEdges() throws {
        #expect(try refusal("domain: basin", "periodic: [x]").contains("model.periodic has no meaning here: it applies only when model.domain is north_sea"))
        #expect(try refusal("domain: basin", "open_boundary: {file: a.nc}").contains("model.open_boundary has no meaning here"))
        #expect(try model("domain: basin", "wind: {x: 1}", "coriolis: 1.0e-4").wind == .constant(x: 1, y: 0))
    }

    @Test func overridesGiveAndTakeOptions() throws {
        let yaml = "name: a\ntraining: {steps: 5}\nmodel: {wind: {x: 1}, rotation: {latitude: 5}}\n"
        let overrides = ["model.wind=null", "model.rotation.latitude=56", "model.open_boundary={file: b.nc}", "model.periodic=[y]"]
        let model = try Experiment.parse(yaml, overrides: overrides).model
        #expect(model.wind == nil && model.rotation == .latitude(56, betaPlane: false))
        #expect(model.openBoundary == .file("b.nc") && model.periodic == [.y])
    }
}
