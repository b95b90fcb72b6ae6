import Glibc
import SystemPackage
import Testing

@testable import CLI
@testable import Core

@Suite("Service sockets") struct ServiceSocketsTests {
    @Test("every folder of a service with a socket in it, called as its unit; nothing else") func found() throws {
        let folder = try TemporaryFolder()
        var sockets: [LocalSocket] = []
        for name in ["gradcamd", "gradcamd-street", "gradcamd-", "other"] {
            mkdir(folder.path.appending(name).string, 0o755)
            let socket = try LocalSocket()
            try socket.listen(at: folder.path.appending(name).appending("control.sock"), mode: 0o600)
            sockets.append(socket)
        }
        mkdir(folder.path.appending("gradcamd-file").string, 0o755)
        try folder.write("x", to: "gradcamd-file/control.sock")
        mkdir(folder.path.appending("gradcamd-empty").string, 0o755)
        symlink("gradcamd", folder.path.appending("gradcamd-link").string)
        #expect(
            ServiceSockets.found(in: folder.path) == [
                .init(service: "gradcamd", path: folder.path.appending("gradcamd/control.sock")),
                .init(service: "gradcamd@street", path: folder.path.appending("gradcamd-street/control.sock")),
            ])
    }

    @Test("where there is none, the plain service is asked, and is down") func none() throws {
        #expect(
            ServiceSockets.found(in: try TemporaryFolder().path) == [
                .init(service: "gradcamd", path: "/run/gradcamd/control.sock")
            ])
    }

    @Test("one that is named is called after its folder, or by its path") func named() {
        #expect(ServiceSockets.named("/run/gradcamd-a/control.sock").service == "gradcamd@a")
        #expect(ServiceSockets.named("/run/gradcamd/control.sock").service == "gradcamd")
        #expect(ServiceSockets.named("/tmp/x/control.sock").service == "/tmp/x/control.sock")
        #expect(ServiceSockets.named("control.sock").service == "control.sock")
    }
}
