import Foundation
import Glibc
import Shading
import StudioRuntime
import Testing

@Suite struct SessionFolderTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "chiaro-sessions-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private var look: Look {
    var look = Look()
    look.exposure = 1.25
    return look
  }

  /// A process that has run and ended.
  private func endedProcess() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test("a look left behind comes back to the next session, once that of the first has ended")
  func recovery() throws {
    try withFolder { folder in
      let killed = SessionFolder(path: folder, process: try endedProcess())
      killed.keep(look, of: "/photos/anna.jpg")
      let next = SessionFolder(path: folder)
      #expect(next.recoverable("/photos/../photos/anna.jpg") == look)
      #expect(next.recoverable("/photos/ben.jpg") == nil)
      next.discard("/photos/anna.jpg")
      #expect(next.recoverable("/photos/anna.jpg") == nil)
    }
  }

  @Test("a session that still runs keeps its own look")
  func running() throws {
    try withFolder { folder in
      // The process that has started this one lives as long as the test.
      SessionFolder(path: folder, process: getppid()).keep(look, of: "/photos/anna.jpg")
      #expect(SessionFolder(path: folder).recoverable("/photos/anna.jpg") == nil)
    }
  }

  @Test("what cannot be read counts as absent")
  func damaged() throws {
    try withFolder { folder in
      let sessions = SessionFolder(path: folder, process: try endedProcess())
      sessions.keep(look, of: "/photos/anna.jpg")
      let name = try #require(
        try FileManager.default.contentsOfDirectory(atPath: folder + "/recovery").first)
      for text in [
        "", "# process 1", "# process x\nexposure = 1", "# process 999999\nexposure = =",
      ] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/recovery/\(name)"))
        #expect(SessionFolder(path: folder).recoverable("/photos/anna.jpg") == nil, "\(text)")
      }
    }
  }

  @Test("portraits opened lately come newest first, each once, as long as they are there")
  func recent() throws {
    try withFolder { folder in
      let sessions = SessionFolder(path: folder + "/state")
      #expect(sessions.recent.isEmpty)
      let paths = (1...15).map { "\(folder)/\($0).png" }
      for path in paths {
        try Data().write(to: URL(fileURLWithPath: path))
        sessions.remember(path)
      }
      sessions.remember(paths[13])
      #expect(sessions.recent.count == 12)
      #expect(sessions.recent.prefix(3) == [paths[13], paths[14], paths[12]])
      try FileManager.default.removeItem(atPath: paths[14])
      #expect(sessions.recent.prefix(2) == [paths[13], paths[12]])
    }
  }
}
