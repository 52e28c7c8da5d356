import Foundation
import Imaging
import Testing

@Suite struct AtomicFileTests {
  @Test("a file is replaced, keeps its permissions and leaves nothing beside it")
  func replaces() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.bin")
    try AtomicFile.write([1, 2, 3], to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    try AtomicFile.write([4, 5], to: path)
    #expect(FileManager.default.contents(atPath: path) == Data([4, 5]))
    let permissions =
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(permissions == 0o640)
    #expect(folder.names == ["a.bin"])
  }

  @Test("a symbolic link stays and its target is replaced")
  func links() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("target"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("link"), withDestinationPath: "target")
    try AtomicFile.write([2], to: folder.file("link"))
    #expect(FileManager.default.contents(atPath: folder.file("target")) == Data([2]))
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "target")
  }

  @Test("what cannot be written gives the reason and leaves nothing")
  func failures() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: ImageFileError.unwritable(
        path: folder.file("no/a.png"), reason: "No such file or directory")
    ) { try AtomicFile.write([1], to: folder.file("no/a.png")) }
    #expect(throws: ImageFileError.unwritable(path: folder.path, reason: "it is a folder")) {
      try AtomicFile.write([1], to: folder.path)
    }
    #expect(folder.names.isEmpty)
  }

  @Test(
    "a full disk is an error", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() {
    #expect(
      throws: ImageFileError.unwritable(path: "/dev/full", reason: "No space left on device")
    ) { try AtomicFile.write([1, 2, 3], to: "/dev/full") }
  }

  @Test("devices are written to, not replaced")
  func devices() throws {
    try AtomicFile.write([1, 2, 3], to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFCHR)
  }
}
