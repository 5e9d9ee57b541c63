import Evaluation
import Foundation
import NetCDF
import TestSupport
import Testing

/// `seiche report` on small made-up results.
@Suite struct ReportTests {
    private func labels(_ file: NetCDFFile, _ axis: String, _ words: [String]) throws {
        try file.defineDimension(axis, length: words.count)
        let values = words.indices.map(Int32.init)
        try file.defineVariable(
            axis, Int32.self, dimensions: [axis], attributes: [("flag_values", .int32(values)), ("flag_meanings", .text(words.joined(separator: " ")))]
        ).write(values)
    }

    private func put(_ file: NetCDFFile, _ name: String, _ axes: [String], _ values: [Double], _ meaning: String = "a figure") throws {
        try file.defineVariable(name, Double.self, dimensions: axes, attributes: [("units", "1"), ("long_name", .text(meaning))]).write(values)
    }

    /// A comparison of `implicit`, its second seed, the talk's net and persistence.
    private func comparison(_ workplace: Workplace, _ folder: String, labels words: [String] = ["implicit", "implicit_seed2", "bilinear_implicit", "persistence"]) throws {
        try FileManager.default.createDirectory(atPath: workplace.path(folder), withIntermediateDirectories: true)
        try NetCDFFile.writeAtomically(to: workplace.path(folder + "/comparison.nc")) { file in
            try file.setAttribute("emulators", .texts(words))
            try file.setAttribute("time_step_s", .double([900]))
            try labels(file, "emulator", words.indices.map { "e\($0)" })
            try file.defineDimension("lead", length: 2)
            try file.defineDimension("channel", length: 3)
            try put(file, "lead", ["lead"], [900, 81000])
            try put(file, "error", ["emulator", "lead"], [0.0001, 0.0041, 0.0003, 0.0043, 0.0052, .infinity, 0.66, 1.7])
            try put(file, "channel_error", ["emulator", "channel", "lead"], [Double](repeating: 1, count: 24))
            try put(file, "one_step_error", ["emulator"], [0.00011, 0.00013, 0.0052, 0.661])
            try put(file, "parameters", ["emulator"], [1836, 1836, 14410, .nan])
            try put(file, "samples", ["emulator"], [384, 384, 48000, .nan])
            try put(file, "training_seconds", ["emulator"], [600, 1900, 3000, .nan])
            try put(file, "relative_mass_drift", ["emulator", "lead"], [1e-16, 3e-16, 1e-16, 2e-16, 1e-3, 0.02, 0, 0])
        }
    }

    private func page(_ workplace: Workplace, _ arguments: [String]) async throws -> String {
        try FileManager.default.copyItem(atPath: packageRoot + "/experiments/published_nets.yaml", toPath: workplace.path("nets.yaml"))
        let outcome = try await workplace.start(["report"] + arguments + ["--published", "nets.yaml", "--output", "report.html"]).outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try String(contentsOfFile: workplace.path("report.html"), encoding: .utf8)
    }

    /// The cells of the row that begins with these.
    private func row(_ html: String, _ first: String...) -> [String]? {
        html.split(separator: "\n").map { line in line.matches(of: /<td[^>]*>([^<]*)<\/td>/).map { String($0.output.1) } }
            .first { $0.starts(with: first) }
    }

    @Test func figuresStandBesideTheirTargetsAndThePublishedNets() async throws {
        let workplace = try Workplace()
        try comparison(workplace, "emulators")
        let html = try await page(workplace, ["emulators"])
        // Mean and deviation over two seeds, the published net, the factor; then the same at the end, and the largest drift.
        #expect(row(html, "implicit", "2") == [
            "implicit", "2", "1836", "0.000120 ± 1.41e-05", "0.00369", "30.8", "0.00420 ± 0.000141", "0.0900", "21.4", "3.00e-16",
        ])
        #expect(row(html, "bilinear_implicit", "1") == ["bilinear_implicit", "1", "14410", "0.00520", "0.00369", "0.710", "failed", "0.0900", "–", "0.0200"])
        #expect(row(html, "persistence", "1")?[3] == "0.661")
        #expect(html.contains("<td class=\"met\">30.8 times</td>"))
        // Neither the failed forecast nor the training that took too long is hidden.
        #expect(html.contains("<td class=\"missed\">failed</td>"))
        #expect(html.contains("<td class=\"missed\">31 min 40 s</td>"))
        #expect(row(html, "implicit_seed2", "900 s") == ["implicit_seed2", "900 s", "1836", "384", "31 min 40 s", "0.000130"])
        #expect(html.contains("14410") && html.contains("comparison.nc: one_step_error"))
        #expect(!html.contains("bilinear_implicit_far"), "nothing is said of what there is not")
    }

    /// What goes on from the talk's net is held to the same targets, beside it, and to the time of both.
    @Test func theTalksNetTakenFurtherHasItsOwnTargets() async throws {
        let workplace = try Workplace()
        try comparison(workplace, "emulators", labels: ["implicit", "bilinear_implicit_far", "bilinear_implicit", "persistence"])
        let html = try await page(workplace, ["emulators"])
        #expect(html.matches(of: /<td>bilinear_implicit, at 900 s</).count == 3)
        let far = html.split(separator: "\n").filter { $0.contains("<td>bilinear_implicit_far, at 900 s<") }
        #expect(far.count == 3 && far.count { $0.contains("class=\"met\"") } == 2, "\(far)")
        #expect(far.contains { $0.contains("what it goes on from included</td><td class=\"missed\">1 h 21 min</td>") }, "1900 s and 3000 s: \(far)")
    }

    @Test func whatIsMissingIsSaidInItsPlace() async throws {
        let workplace = try Workplace()
        try comparison(workplace, "emulators")
        let html = try await page(workplace, ["emulators", "nowhere"])
        for words in ["no folder &#39;nowhere&#39;", "jacobian.nc.", "transfer.nc.", "stability.nc.", "cost.nc.", "Not compared yet", "None was drawn yet"] {
            #expect(html.contains(words), "\(words)")
        }
        #expect(html.contains("not measured"))
    }

    @Test func everyMeasurementIsThere() async throws {
        let workplace = try Workplace()
        try comparison(workplace, "emulators")
        func write(_ name: String, _ body: (NetCDFFile) throws -> Void) throws { try NetCDFFile.writeAtomically(to: workplace.path("emulators/\(name)"), body) }
        try write("jacobian.nc") { file in
            try labels(file, "emulator", ["implicit", "bilinear_implicit"])
            try put(file, "frobenius_error", ["emulator"], [0.000271, 0.314])
        }
        try write("transfer.nc") { file in
            try labels(file, "case", ["trained", "deep", "long_step"])
            try labels(file, "emulator", ["implicit", "bilinear_implicit"])
            try put(file, "one_step_error", ["case", "emulator"], [0.001, 0.02, 0.0015, 0.5, 0.004, .nan])
            try put(file, "courant_number", ["case"], [1.09, 3.3, 10.1])
        }
        try write("stability.nc") { file in
            try labels(file, "emulator", ["implicit", "bilinear_implicit"])
            try file.defineDimension("step", length: 2)
            try put(file, "step", ["step"], [100, 10000])
            try put(file, "rms", ["emulator", "step"], [0.8, 0.123, 0.9, .infinity])
            try put(file, "relative_mass_drift", ["emulator", "step"], [1e-8, 2.25e-7, 0.1, .nan])
        }
        try write("cost.nc") { file in
            try labels(file, "system", ["Fortran_model", "implicit"])
            try labels(file, "operation", ["step", "adjoint"])
            try put(file, "seconds", ["system", "operation"], [0.00041, 0.00099, 0.0123, 0.0456], "time of a call")
        }
        let html = try await page(workplace, ["emulators"])
        #expect(row(html, "bilinear_implicit", "0.314") != nil)
        #expect(html.contains("<td class=\"met\">0.000271</td>"))
        #expect(row(html, "deep", "3.30") == ["deep", "3.30", "0.00150", "1.50", "–", "–"])
        #expect(row(html, "long_step", "10.1") == ["long_step", "10.1", "0.00400", "4.00", "–", "–"])
        #expect(html.contains("<td class=\"met\">1.50</td>") && html.contains("<td class=\"missed\">4.00</td>"))
        #expect(row(html, "implicit", "yes") == ["implicit", "yes", "0.123", "2.25e-07", "2.25e-07"])
        #expect(row(html, "bilinear_implicit", "no")?[2] == "failed")
        #expect(html.contains("time of a call"))
        #expect(row(html, "implicit", "0.0123") == ["implicit", "0.0123", "0.0456"])
    }

    @Test func labelsAndFoldersAreEscapedAndFiguresEmbedded() async throws {
        let workplace = try Workplace()
        try comparison(workplace, "a<b>&c", labels: ["<b>bold</b>", "implicit", "x&y", "persistence"])
        try FileManager.default.createDirectory(atPath: workplace.path("a<b>&c/figures"), withIntermediateDirectories: true)
        let curve = Curve(label: "c", x: [1, 2], y: [1, 2])
        let png = workplace.path("a<b>&c/figures/error_by_lead_time.png")
        try FigureRenderer().render(CurveFigure(curves: [curve], x: .init(label: "x"), y: .init(label: "y")), to: png)
        let html = try await page(workplace, ["a<b>&c"])
        #expect(!html.contains("<b>"))
        #expect(html.contains("&lt;b&gt;bold&lt;/b&gt;") && html.contains("a&lt;b&gt;&amp;c/comparison.nc: error"))
        #expect(html.contains(try Data(contentsOf: URL(fileURLWithPath: png)).base64EncodedString()))
    }

    @Test func nothingToReportOnIsOneClearError() async throws {
        let workplace = try Workplace()
        let outcome = try await workplace.run("report", "nowhere")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("there is no folder 'nowhere' to report on"))
        #expect(!workplace.files.keys.contains { $0.hasSuffix(".html") })
    }

    /// A page that cannot be finished leaves the old one.
    @Test func aDamagedFileLeavesThePageBefore() async throws {
        let workplace = try Workplace()
        try comparison(workplace, "emulators")
        try workplace.write("not NetCDF", to: "emulators/jacobian.nc")
        try workplace.write("before", to: "report.html")
        let outcome = try await workplace.run("report", "emulators", "--output", "report.html")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("jacobian.nc"))
        #expect(workplace.files["report.html"] == Data("before".utf8))
        #expect(workplace.unfinished.isEmpty)
    }
}
