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

  /// Writes the end of a file first.
  private static func fill(_ descriptor: Int32) -> String? {
    for (bytes, place) in [([3, 4] as [UInt8], 2), ([1, 2], 0)]
    where pwrite(descriptor, bytes, bytes.count, place) != bytes.count { return "no room" }
    return nil
  }

  @Test("what is written in any order arrives in its order", arguments: [true, false])
  func anyOrder(isDurable: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.bin")
    try AtomicFile.write([9, 9, 9, 9, 9, 9], to: path)
    try AtomicFile.write(to: path, isDurable: isDurable, fill: Self.fill)
    #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3, 4]))
    #expect(try AtomicFile.bytes(path: path, fill: Self.fill) == [1, 2, 3, 4])
    #expect(throws: ImageFileError.unwritable(path: path, reason: "no room")) {
      try AtomicFile.write(to: path) { _ in "no room" }
    }
    #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3, 4]))
    #expect(folder.names == ["a.bin"])
  }

  @Test(
    "what is written in any order goes to devices too",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func anyOrderToDevices() throws {
    try AtomicFile.write(to: "/dev/null", fill: Self.fill)
    #expect(
      throws: ImageFileError.unwritable(path: "/dev/full", reason: "No space left on device")
    ) { try AtomicFile.write(to: "/dev/full", fill: Self.fill) }
  }

  @Test("devices are written to, not replaced")
  func devices() throws {
    try AtomicFile.write([1, 2, 3], to: "/dev/null")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFCHR)
  }
}
