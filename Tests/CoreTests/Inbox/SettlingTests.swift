import Testing

@testable import Core

@Suite("Settling") struct SettlingTests {
    private let start = ContinuousClock.now
    private let file = InboxFile(name: "a.jpg")
    private let whole = Settling.Appearance(size: 100, modified: 1, inode: 7)
    private var settling = Settling(period: .seconds(1.5))

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test("a written file is whole after its quiet time, and not before") mutating func written() {
        settling.note(file, .changed, whole, at: start)
        #expect(settling.due(at: at(1.49)).isEmpty)
        #expect(settling.nextDue == at(1.5))
        #expect(settling.due(at: at(1.5)) == [file])
        let settled = settling.settle(file, whole, at: at(1.5))
        #expect(settled)
        #expect(settling.count == 0)
    }

    @Test("a file that was moved in needs a third of it") mutating func moved() {
        settling.note(file, .moved, whole, at: start)
        #expect(settling.nextDue == at(0.5))
    }

    @Test("each event begins the quiet time anew") mutating func again() {
        settling.note(file, .changed, whole, at: start)
        settling.note(file, .changed, whole, at: at(1))
        #expect(settling.due(at: at(2)).isEmpty)
        #expect(settling.due(at: at(2.5)) == [file])
    }

    @Test(
        "a file that grew without an event is not whole",
        arguments: [
            Settling.Appearance(size: 101, modified: 1, inode: 7),
            Settling.Appearance(size: 100, modified: 2, inode: 7),
            Settling.Appearance(size: 100, modified: 1, inode: 8),
        ])
    mutating func grew(now: Settling.Appearance) {
        settling.note(file, .changed, whole, at: start)
        let first = settling.settle(file, now, at: at(1.5))
        #expect(!first)
        #expect(settling.nextDue == at(3))
        let second = settling.settle(file, now, at: at(3))
        #expect(second)
    }

    @Test("an empty file is never whole: browsers begin with one") mutating func empty() {
        let nothing = Settling.Appearance(size: 0, modified: 1, inode: 7)
        settling.note(file, .changed, nothing, at: start)
        let soon = settling.settle(file, nothing, at: at(1.5))
        let late = settling.settle(file, nothing, at: at(100))
        #expect(!soon && !late)
    }

    @Test("files are taken in the order in which they came, also after a second event") mutating func order() {
        let other = InboxFile(name: "b.jpg")
        settling.note(file, .changed, whole, at: start)
        settling.note(other, .changed, whole, at: at(0.1))
        settling.note(file, .changed, whole, at: at(0.2))
        #expect(settling.due(at: at(5)) == [file, other])
    }

    @Test("a folder that goes takes its files along") mutating func folderGone() {
        settling.note(InboxFile(folders: ["x", "y"], name: "a"), .changed, whole, at: start)
        settling.note(InboxFile(folders: ["xx"], name: "a"), .changed, whole, at: start)
        settling.forget(below: ["x"])
        #expect(settling.due(at: at(5)) == [InboxFile(folders: ["xx"], name: "a")])
    }
}
