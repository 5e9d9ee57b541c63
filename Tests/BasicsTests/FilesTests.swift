import Basics
import Foundation
import TestSupport
import Testing

@Suite struct FilesTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func aTextIsWrittenWholeOrNotAtAll() throws {
        for text in ["one\n", "two ~ äöü\n", ""] {
            try Files.writeAtomically(text, to: scratch.path("t"))
            #expect(scratch.bytes("t") == Data(text.utf8))
        }
        #expect(scratch.contents == ["t"])
        #expect(complaint(.file, "cannot create", "nowhere") { try Files.writeAtomically("x", to: scratch.path("nowhere/t")) } == nil)
        try FileManager.default.createDirectory(atPath: scratch.path("folder"), withIntermediateDirectories: false)
        #expect(complaint(.file, "folder") { try Files.writeAtomically("x", to: scratch.path("folder")) } == nil)
        #expect(scratch.contents == ["folder", "t"], "no temporary is left")
    }

    @Test func aFolderThatIsNotThereYetHasTheVolumeOfTheNextOneThatIs() throws {
        let here = try Files.volume(holding: scratch.folder)
        let there = try Files.volume(holding: scratch.path("a/b/c"))
        #expect(there.id == here.id)
        #expect(try #require(there.free) > 1e6)
        #expect(try Files.volume(holding: "nowhere/at/all").id == Files.volume(holding: ".").id)
        if FileManager.default.fileExists(atPath: "/proc/self") { #expect(try Files.volume(holding: "/proc/x").free == nil) }
    }
}
