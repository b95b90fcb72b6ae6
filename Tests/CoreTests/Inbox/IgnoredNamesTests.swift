import Testing

@testable import Core

@Suite("Ignored names") struct IgnoredNamesTests {
    @Test(
        "files on their way and litter stay where they are, for the pattern that people know",
        arguments: [
            (".x.jpg.Ab12Cd", ".*"), ("cat.jpg.part", "*.part"), ("cat.jpg.CRDOWNLOAD", "*.crdownload"),
            ("~$scan.png", "~$*"), ("cat.jpg~", "*~"), ("Thumbs.db", "Thumbs.db"), ("thumbs.DB", "Thumbs.db"),
            (".DS_Store", ".DS_Store"), ("@eaDir", "@eaDir"), ("#recycle", "#recycle"), ("__MACOSX", "__MACOSX"),
            ("cat.jpg:Zone.Identifier", "*:Zone.Identifier"), (".nfs0001", ".nfs*"),
            (".fuse_hidden0001", ".fuse_hidden*"),
            (".smbdelete0001", ".smbdelete*"), ("~syncthing~cat.jpg.tmp", "*.tmp"), ("~syncthing~cat", "~syncthing~*"),
            (".syncthing.cat.jpg", ".syncthing.*"), (".goutputstream-X", ".goutputstream-*"), (".~tmp~", ".~tmp~"),
            ("._cat.jpg", "._*"), (".AppleDouble", ".AppleDouble"), (".Trash-1000", ".Trash*"), ("a.!ut", "*.!ut"),
            ("a.partial", "*.partial"), ("a.opdownload", "*.opdownload"), ("a.download", "*.download"),
            ("a.filepart", "*.filepart"), ("a.temp", "*.temp"), ("a.aria2", "*.aria2"), ("desktop.ini", "desktop.ini"),
            ("_STATUS.txt", "_STATUS.txt"), (".gradcamd", ".*"),
        ])
    func ignored(name: String, pattern: String) throws {
        #expect(try IgnoredNames.pattern(for: #require(FileName(name))) == pattern)
    }

    @Test(
        "images are taken, whatever they are called",
        arguments: ["cat.jpg", "a.part.png", "x", "part", "tmp.tiff", "~cat.jpg", "$~x", "eaDir", "mytmp"])
    func taken(name: String) throws { #expect(try IgnoredNames.pattern(for: #require(FileName(name))) == nil) }

    @Test("the folders on the way count, too") func folders() {
        #expect(IgnoredNames.pattern(for: InboxFile(folders: ["a", ".~tmp~"], name: "cat.jpg")) == ".~tmp~/")
        #expect(IgnoredNames.pattern(for: InboxFile(folders: ["a", "b"], name: "cat.jpg")) == nil)
    }

    @Test("bytes that are not UTF-8 do not hide the ending") func rawBytes() throws {
        let name = try #require(FileName(bytes: [0xFF, 0xE9] + Array(".part".utf8)))
        #expect(IgnoredNames.pattern(for: name) == "*.part")
    }
}
