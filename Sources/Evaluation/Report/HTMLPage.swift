import Basics
import Foundation

/// A page for browsers in one file: text, tables and pictures within it, nothing fetched from elsewhere and no scripts.
public struct HTMLPage: Sendable {
    public let title: String
    private var body = ""

    public init(title: String) {
        self.title = title
    }

    /// A cell of a table.
    public struct Cell: Equatable, Sendable, ExpressibleByStringInterpolation {
        /// What a figure says beside a target.
        public enum Verdict: String, Sendable { case none, met, missed }

        public var text: String
        public var verdict: Verdict

        public init(_ text: String, _ verdict: Verdict = .none) {
            self.text = text
            self.verdict = verdict
        }

        public init(stringLiteral text: String) { self.init(text) }
    }

    /// A heading with an anchor that the list of contents leads to.
    public mutating func section(_ heading: String) {
        sections.append(heading)
        body += "<h2 id=\"s\(sections.count)\">\(Self.escaped(heading))</h2>\n"
    }

    private var sections: [String] = []

    public mutating func heading(_ text: String) { body += "<h3>\(Self.escaped(text))</h3>\n" }

    public mutating func paragraph(_ text: String) { body += "<p>\(Self.escaped(text))</p>\n" }

    /// What there is not, and how it is made.
    public mutating func missing(_ text: String) { body += "<p class=\"missing\">\(Self.escaped(text))</p>\n" }

    /// What belongs to names, in two columns.
    public mutating func list(_ entries: [(name: String, text: String)]) {
        body += "<dl>\n" + entries.map { "<dt>\(Self.escaped($0.name))</dt><dd>\(Self.escaped($0.text))</dd>\n" }.joined() + "</dl>\n"
    }

    /// A table whose first column is words, set left, and whose others are figures, set right; all are words where `isText`. `source` names the data.
    public mutating func table(_ header: [String], _ rows: [[Cell]], isText: Bool = false, source: String = "") {
        func row(_ cells: [Cell], _ tag: String) -> String {
            "<tr>" + cells.map { cell in
                let mark = cell.verdict == .none ? "" : " class=\"\(cell.verdict.rawValue)\""
                return "<\(tag)\(mark)>\(Self.escaped(cell.text))</\(tag)>"
            }.joined() + "</tr>\n"
        }
        body += "<div class=\"wide\"><table\(isText ? " class=\"text\"" : "")>\n<thead>\(row(header.map { Cell($0) }, "th"))</thead>\n<tbody>\n"
        body += rows.map { row($0, "td") }.joined() + "</tbody></table></div>\n"
        if !source.isEmpty { body += "<p class=\"source\">Data: \(Self.escaped(source))</p>\n" }
    }

    /// A PNG, embedded, with a caption and the place of its data. Throws `SeicheError(.file)` where it cannot be read.
    public mutating func figure(png path: String, caption: String, source: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw SeicheError(.file, "the figure \(path) cannot be read", why: error.localizedDescription, remedy: "draw it again with `seiche plot`")
        }
        guard FigureRenderer.isWholePNG(data) else {
            throw SeicheError(.file, "the figure \(path) is not a whole PNG", remedy: "draw it again with `seiche plot`")
        }
        body += "<figure><img alt=\"\(Self.escaped(caption))\" src=\"data:image/png;base64,\(data.base64EncodedString())\">\n"
        body += "<figcaption>\(Self.escaped(caption)) <span class=\"source\">Data: \(Self.escaped(source))</span></figcaption></figure>\n"
    }

    /// Text with what means something in HTML made harmless, in attributes too.
    public static func escaped(_ text: String) -> String {
        // Scalar by scalar: a sign that a combining mark follows is another Character, but not to a browser.
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// The whole page.
    public var html: String {
        let contents = sections.enumerated().map { "<li><a href=\"#s\($0.offset + 1)\">\(Self.escaped($0.element))</a></li>" }.joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Self.escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(Self.escaped(title))</h1>
            <nav><ul>
            \(contents)
            </ul></nav>
            \(body)</main>
            </body>
            </html>

            """
    }

    /// Verdicts differ by a sign as well as by colour.
    private static let style = """
        :root { color-scheme: light; }
        body { margin: 0; background: #fff; color: #1c1c1c; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
        main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 1rem 0; }
        h2 { font-size: 1.3rem; margin: 2.5rem 0 .6rem; padding-top: .6rem; border-top: 1px solid #ccc; }
        h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
        p { max-width: 46rem; margin: .5rem 0; overflow-wrap: anywhere; }
        nav ul { columns: 2 16rem; padding-left: 1.2rem; }
        a { color: #0b5394; }
        .wide { overflow-x: auto; margin: .8rem 0; }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #e2e2e2; vertical-align: top; }
        th { border-bottom: 2px solid #999; vertical-align: bottom; }
        td { white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; }
        table.text th, table.text td { text-align: left; white-space: normal; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .8rem 0; }
        dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
        td.met { background: #e3f1fa; } td.met::after { content: " \\2713"; }
        td.missed { background: #fbe6d8; } td.missed::after { content: " \\2717"; }
        figure { margin: 1.2rem 0; }
        img { max-width: 100%; height: auto; display: block; }
        figcaption { font-size: .9rem; max-width: 46rem; }
        .source { color: #555; font-size: .85rem; overflow-wrap: anywhere; }
        .missing { border-left: 4px solid #d55e00; padding: .2rem .8rem; background: #faf6f2; }
        """
}
