import Testing

@testable import Core

@Suite("Ignored names") struct IgnoredNamesTests {
    @Test(
        "files on their way and litter stay where they are",
        arguments: [
            ".x.jpg.Ab12Cd", "cat.jpg.part", "cat.jpg.CRDOWNLOAD", "~$scan.png", "cat.jpg~", "Thumbs.db", ".DS_Store",
            "@eaDir", "cat.jpg:Zone.Identifier", ".nfs0001", "~syncthing~cat.jpg.tmp", ".goutputstream-X",
        ])
    func ignored(name: String) throws { #expect(try IgnoredNames.reason(for: #require(FileName(name))) != nil) }

    @Test("images are taken, whatever they are called", arguments: ["cat.jpg", "a.part.png", "x", "part", "tmp.tiff"])
    func taken(name: String) throws { #expect(try IgnoredNames.reason(for: #require(FileName(name))) == nil) }
}
