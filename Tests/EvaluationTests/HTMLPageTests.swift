import Basics
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite struct HTMLPageTests {
    private static let hostile = "<script>alert(\"x\")</script> & 'y' <\u{301}img>"

    /// Whatever text comes in, no tag comes out but the page's own.
    @Test func everyTextIsEscaped() {
        var page = HTMLPage(title: Self.hostile)
        page.section(Self.hostile)
        page.heading(Self.hostile)
        page.paragraph(Self.hostile)
        page.missing(Self.hostile)
        page.list([(Self.hostile, Self.hostile)])
        page.table([Self.hostile], [[.init(Self.hostile, .met)]], source: Self.hostile)
        #expect(!page.html.contains("<script"))
        // A sign with a combining mark is a sign to browsers.
        #expect(!page.html.utf8.contains(sequence: Array("<\u{301}".utf8)))
        // The title twice, the section's name twice, heading, paragraph, missing, list twice, table three times.
        #expect(page.html.components(separatedBy: "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;").count - 1 == 12)
    }

    @Test func thePageFetchesNothing() throws {
        let scratch = try Scratch()
        try FigureRenderer().render(demonstrationCurves(), to: scratch.path("curves.png"))
        var page = HTMLPage(title: "a page")
        try page.figure(png: scratch.path("curves.png"), caption: "curves \"quoted\"", source: "curves.nc: error")
        let html = page.html
        for fetched in ["http:", "https:", "<script", "<link", "@import", "url("] { #expect(!html.contains(fetched), "\(fetched)") }
        let encoded = try #require(html.firstMatch(of: /src="data:image\/png;base64,([^"]+)"/)).output.1
        #expect(Data(base64Encoded: String(encoded)) == (try Data(contentsOf: URL(fileURLWithPath: scratch.path("curves.png")))))
        #expect(html.contains("curves.nc: error"))
    }

    @Test func aFigureThatIsNotWholeIsRefused() throws {
        let scratch = try Scratch()
        try scratch.write(Data([0x89, 0x50, 0x4e, 0x47]), to: "half.png")
        var page = HTMLPage(title: "a page")
        for name in ["half.png", "none.png"] {
            let error = #expect(throws: SeicheError.self) { try page.figure(png: scratch.path(name), caption: "", source: "") }
            #expect(error?.what.contains(name) == true)
        }
    }

    @Test func verdictsAreMarked() {
        var page = HTMLPage(title: "a page")
        page.table(["a"], [["1", .init("2", .met), .init("3", .missed)]])
        #expect(page.html.contains("<td>1</td><td class=\"met\">2</td><td class=\"missed\">3</td>"))
    }
}

extension Sequence where Element == UInt8 {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        let all = Array(self)
        return all.indices.contains { all[$0...].starts(with: sequence) }
    }
}
