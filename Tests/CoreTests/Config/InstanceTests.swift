import SystemPackage
import Testing

@testable import Core

@Suite("several services on a machine") struct InstanceTests {
    @Test("an instance's places are those of its unit") func places() async throws {
        let lab = try #require(Instance(name: "lab-2"))
        #expect(lab.settingsFile == "/etc/gradcamd/lab-2.yaml")
        let settings = try await Settings(file: nil, arguments: ["model.file": "/m.pt"], instance: lab)
        #expect(settings.root == "/srv/gradcamd-lab-2")
        #expect(settings.log.file == "/var/lib/gradcamd-lab-2/log.db")
        #expect(settings.control.socket == "/run/gradcamd-lab-2/control.sock")
    }

    @Test("what the settings say goes before") func settings() async throws {
        let settings = try await Settings(
            file: nil, arguments: ["model.file": "/m.pt", "root": "/data/lab"],
            instance: Instance(name: "lab") ?? .plain)
        #expect(settings.root == "/data/lab")
    }

    @Test(
        "a name that systemd would escape, or that leads elsewhere, is none",
        arguments: ["", "-a", "a/b", "..", "a.b", "é", "a b", "gradcamd", String(repeating: "a", count: 65)])
    func refused(name: String) {
        #expect(Instance(name: name) == nil)
    }
}
