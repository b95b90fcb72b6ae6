import Testing

@testable import Core

@Suite("Settling") struct SettlingTests {
    private let start = ContinuousClock.now
    private let file = InboxFile(name: "a.jpg")
    private let other = InboxFile(name: "b.jpg")
    private let whole = Settling.Appearance(size: 100, modified: 1, inode: 7)
    private var settling = Settling(period: .seconds(1.5))

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private mutating func due(at seconds: Double) -> [InboxFile] {
        var files: [InboxFile] = []
        while let file = settling.popDue(at: at(seconds)) { files.append(file) }
        return files
    }

    @Test("a written file is due after its quiet time, and not before; once") mutating func written() {
        settling.note(file, .changed, whole, at: start)
        #expect(settling.nextDue == at(1.5))
        var files = due(at: 1.49)
        #expect(files.isEmpty)
        files = due(at: 1.5)
        #expect(files == [file])
        files = due(at: 100)
        #expect(files.isEmpty && settling.contains(file) && settling.nextDue == nil)
    }

    @Test("a file that was moved in needs a third of it") mutating func moved() {
        settling.note(file, .moved, whole, at: start)
        #expect(settling.nextDue == at(0.5))
    }

    @Test("a shorter quiet time is for those that settle, too; a longer one for those that come") mutating func period()
    {
        settling.note(file, .changed, whole, at: start)
        settling.setPeriod(.seconds(1), afterMove: .seconds(0.2))
        #expect(settling.nextDue == at(1))
        settling.note(other, .moved, whole, at: start)
        #expect(settling.nextDue == at(0.2))
        settling.forget(other)
        settling.setPeriod(.seconds(9), afterMove: .seconds(3))
        #expect(settling.nextDue == at(1))
        settling.note(file, .changed, whole, at: at(0.5))
        #expect(settling.nextDue == at(9.5))
    }

    @Test("each event begins the quiet time anew") mutating func again() {
        settling.note(file, .changed, whole, at: start)
        settling.note(file, .changed, whole, at: at(1))
        #expect(settling.nextDue == at(2.5))
        var files = due(at: 2)
        #expect(files.isEmpty)
        files = due(at: 2.5)
        #expect(files == [file])
    }

    @Test("a rename after writing makes it due the sooner") mutating func sooner() {
        settling.note(file, .changed, whole, at: start)
        settling.note(file, .moved, whole, at: at(0.1))
        #expect(settling.nextDue == at(0.6))
        let files = due(at: 0.6)
        #expect(files == [file])
        #expect(settling.nextDue == nil)
    }

    @Test("a held file is due again when it is said, and its hold ends with the next event") mutating func held() {
        settling.note(file, .changed, whole, at: start)
        _ = due(at: 1.5)
        settling.hold(file, .writer, until: at(4))
        #expect(settling.nextDue == at(4) && settling.candidates[file]?.hold == .writer)
        settling.note(file, .changed, whole, at: at(2))
        #expect(settling.nextDue == at(3.5) && settling.candidates[file]?.hold == nil)
    }

    @Test("files come in the order in which they became quiet") mutating func order() {
        settling.note(file, .changed, whole, at: start)
        settling.note(other, .changed, whole, at: at(0.1))
        settling.note(file, .changed, whole, at: at(0.2))
        let files = due(at: 5)
        #expect(files == [other, file])
    }

    @Test("a file keeps its number through events, and gets a new one when it comes anew") mutating func sequence() {
        settling.note(file, .changed, whole, at: start)
        settling.note(other, .changed, whole, at: start)
        settling.note(file, .changed, whole, at: at(1))
        #expect(settling.candidates[file]?.place.sequence == 0 && settling.candidates[other]?.place.sequence == 1)
        settling.forget(file)
        settling.note(file, .changed, whole, at: at(2))
        #expect(settling.candidates[file]?.place.sequence == 2)
        // Its former entry, due at 2.5, does not count.
        let files = due(at: 3)
        #expect(files == [other])
    }

    @Test("a file that is put back keeps the number that it had") mutating func putBack() {
        settling.note(file, .changed, whole, at: start)
        settling.forget(file)
        settling.note(file, .changed, whole, at: at(1), place: .init(sequence: 0, since: at(0)))
        settling.note(other, .changed, whole, at: at(1))
        #expect(settling.candidates[file]?.place.sequence == 0 && settling.candidates[other]?.place.sequence == 1)
    }

    @Test("a folder that goes takes its files along") mutating func folderGone() {
        settling.note(InboxFile(folders: ["x", "y"], name: "a"), .changed, whole, at: start)
        settling.note(InboxFile(folders: ["xx"], name: "a"), .changed, whole, at: start)
        settling.forget(below: ["x"])
        let files = due(at: 5)
        #expect(files == [InboxFile(folders: ["xx"], name: "a")])
    }

    /// Against a plain model: the earliest due time of all, looked for among all.
    @Test("it agrees with looking at all files, whatever happens in whatever order", arguments: 0..<20)
    mutating func model(seed: UInt64) {
        var random = SplitMix(state: seed)
        var dues: [InboxFile: ContinuousClock.Instant] = [:]
        let files = (0..<30).map { InboxFile(name: FileName("\($0)")!) }
        var now = start
        for _ in 0..<2_000 {
            now += .milliseconds(Int.random(in: 0...200, using: &random))
            let file = files[Int.random(in: 0..<30, using: &random)]
            switch Int.random(in: 0..<5, using: &random) {
            case 0:
                settling.note(file, .moved, whole, at: now)
                dues[file] = now + .seconds(0.5)
            case 1, 2:
                settling.note(file, .changed, whole, at: now)
                dues[file] = now + .seconds(1.5)
            case 3:
                settling.forget(file)
                dues[file] = nil
            default:
                #expect(settling.nextDue == dues.values.min())
                while let due = settling.popDue(at: now) {
                    #expect(dues[due].map { $0 <= now } == true)
                    dues[due] = nil
                    settling.forget(due)
                }
                #expect(dues.values.allSatisfy { $0 > now })
            }
        }
    }
}
