import Foundation

/// A picture that `FigureRenderer` can draw.
public protocol Figure: Sendable {
    /// Width and height in pixels.
    var size: (width: Int, height: Int) { get }

    /// Writes the drawing commands. Throws `SeicheError(.invalidInput)` when the figure cannot be drawn as described.
    func draw(on script: inout GnuplotScript) throws
}

/// Commands for gnuplot and the binary data that they refer to, by file names of the script's own.
public struct GnuplotScript: Sendable {
    private(set) var text = ""
    private(set) var files: [(name: String, contents: Data)] = []

    mutating func line(_ command: String) { text += command + "\n" }

    /// Stores numbers as native doubles and returns the quoted name to plot them from.
    mutating func store(_ values: [Double]) -> String {
        store(values.withUnsafeBytes { Data($0) })
    }

    mutating func store(_ bytes: Data) -> String {
        let name = "data\(files.count).bin"
        files.append((name, bytes))
        return Self.quote(name)
    }

    /// A gnuplot string of exactly this text. Give it to commands with `noenhanced`, which keeps `_`, `^`, `{` and `@` literal.
    ///
    /// Every ASCII character that could mean something to gnuplot's scanner is written as `\ooo`: the scanner looks for quotes,
    /// backquotes, `;` and `#` before it reads strings, so quoting alone is not enough. Control characters become spaces.
    static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control {
                quoted += " "
            } else if !scalar.isASCII || scalar.properties.isAlphabetic || " 0123456789.,-+/".unicodeScalars.contains(scalar) {
                quoted.unicodeScalars.append(scalar)
            } else {
                let octal = String(scalar.value, radix: 8)
                quoted += "\\" + String(repeating: "0", count: 3 - octal.count) + octal
            }
        }
        return quoted + "\""
    }
}

/// The look that all figures share.
enum FigureStyle {
    static let land = (red: UInt8(0xc9), green: UInt8(0xc9), blue: UInt8(0xc9))
    /// Wet cells without a finite value: a forecast that blew up must not look like land.
    static let notFinite = (red: UInt8(0x1a), green: UInt8(0x1a), blue: UInt8(0x1a))
    static let frame = "#404040"
    static let grid = "#dddddd"

    /// Eight colours that stay apart for colour-blind readers (after Okabe and Ito 2008, their yellow replaced: it is lost on white).
    static let curves = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d31"]
    /// gnuplot's dash types: whole lines, then those of curves whose colours come again; none is the dashed style's.
    static let dashes = ["1", "(3,4)", "(14,4,3,4)"]
    static let markers = [7, 5, 9, 13, 11, 6, 4, 8]

    static let textSize = 13
    static let titleSize = 15
    /// Height of a line of text in pixels at `textSize`, with room around it.
    static let lineHeight = 26.0
    /// Width of a character in pixels at `textSize`, roughly: for margins.
    static let characterWidth = 10.0
}
