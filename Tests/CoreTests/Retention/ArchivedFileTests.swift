import Testing

@testable import Core

@Suite("Archived file") struct ArchivedFileTests {
    private func output(_ name: String) -> ArchivedFile? { FileName(name).flatMap { ArchivedFile(output: $0) } }
    private func original(_ name: String) -> ArchivedFile? { FileName(name).flatMap { ArchivedFile(original: $0) } }

    @Test(
        "the journal's own names are known, with the id and what was appended",
        arguments: [
            ("17-cat.jpg.cam.jpg", 17, ".cam.jpg"), ("17-cat.jpg.cam-2.png", 17, ".cam-2.png"),
            ("999999999999999999-x.heat-65.npy", 999_999_999_999_999_999, ".heat-65.npy"),
            ("3-a.cam.jpg.cam.jpg", 3, ".cam.jpg"), ("3--.heat.npy", 3, ".heat.npy"),
        ] as [(String, Int64, String)])
    func outputs(name: String, id: Int64, suffix: String) throws {
        let file = try #require(output(name))
        #expect(file.id == id)
        #expect(file.suffix == suffix)
    }

    @Test(
        "other names are not ours",
        arguments: [
            "cat.jpg.cam.jpg", "17cat.jpg.cam.jpg", "17-cat.jpg", "017-cat.cam.jpg", "0-cat.cam.jpg", "-1-cat.cam.jpg",
            "17-.", "17-cat.cam-1.jpg", "17-cat.cam-x.jpg", "17-cat.cam.npy", "17-cat.heat.jpg", "17-cat.cam-2.jpg.txt",
            "9999999999999999999-cat.cam.jpg", ".tmp-17.cam.jpg", "17-cat.cam-.jpg",
        ])
    func foreign(name: String) { #expect(output(name) == nil) }

    @Test("an original has an id and a name behind it") func originals() {
        #expect(original("17-cat.jpg")?.id == 17)
        for name in ["17-", "17", "cat.jpg", "2026-", "x17-cat.jpg"] { #expect(original(name) == nil, "\(name)") }
    }

    @Test("a name that was too long and was cut is known by its image all the same") func longName() throws {
        let image = try #require(FileName(String(repeating: "é", count: 120) + ".jpg"))
        let claimed = image.wrapped(prefix: "12345-", suffix: ".cam-2.jpg")
        #expect(claimed.bytes.count == 255)
        #expect(try #require(ArchivedFile(output: claimed)).belongs(to: image))
        let archived = image.wrapped(prefix: "12345678-", suffix: "")
        let reason = archived.wrapped(prefix: "", suffix: ".txt")
        #expect(try #require(ArchivedFile(original: archived)).belongs(to: image))
        #expect(try #require(ArchivedFile(original: reason)).belongs(to: image))
        #expect(try !#require(ArchivedFile(original: archived)).belongs(to: "cat.jpg"))
    }
}
