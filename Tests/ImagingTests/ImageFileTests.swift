import Foundation
import Imaging
import Testing

@Suite struct ImageFileTests {
  @Test("a missing file, a folder and a text are told apart")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: ImageFileError.unreadable(
        path: folder.file("none.png"), reason: "No such file or directory")
    ) { try ImageFile.readPhotograph(at: folder.file("none.png")) }
    #expect(throws: ImageFileError.unreadable(path: folder.path, reason: "it is a folder")) {
      try ImageFile.readPhotograph(at: folder.path)
    }
    let text = folder.file("text.png")
    try AtomicFile.write(Array("hello".utf8), to: text)
    #expect(
      throws: ImageFileError.unknownFormat(path: text, expected: [.png, .jpeg, .webP])
    ) { try ImageFile.readPhotograph(at: text) }
    #expect(throws: ImageFileError.unknownFormat(path: text, expected: [.radiance, .openEXR])) {
      try ImageFile.readEnvironment(at: text)
    }
    let empty = folder.file("empty.png")
    try AtomicFile.write([], to: empty)
    #expect(throws: ImageFileError.unknownFormat(path: empty, expected: [.png, .jpeg, .webP])) {
      try ImageFile.readPhotograph(at: empty)
    }
  }

  @Test("the format is recognised by content, the name only says how to write")
  func contentDecides() throws {
    let folder = try TemporaryFolder()
    let image = waves(width: 24, height: 16, channels: 3)
    for name in ["a.png", "a.jpg", "a.JPEG", "a.webp", "a.unknown"] {
      try ImageFile.write(image, to: folder.file(name))
    }
    let formats = try ["a.png", "a.jpg", "a.JPEG", "a.webp", "a.unknown"].map {
      try ImageFile.readPhotograph(at: folder.file($0)).format
    }
    #expect(formats == [.png, .jpeg, .jpeg, .webP, .png])
    #expect(throws: ImageFileError.self) { try ImageFile.write(image, to: folder.file("a.hdr")) }
  }

  @Test("a photograph's file is known by its bytes, whether or not they can be decoded")
  func photographFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.jpg")
    try ImageFile.write(waves(width: 24, height: 16, channels: 3), to: path)
    let file = try PhotographFile(path: path)
    let photograph = try ImageFile.readPhotograph(at: path)
    #expect(try file.decoded() == photograph)
    #expect(file.digest == photograph.digest)
    try AtomicFile.write(Array("abc".utf8), to: path)
    // The file that was read is not touched by what becomes of its name.
    #expect(try file.decoded() == photograph)
    let text = try PhotographFile(path: path)
    // FIPS 180-2, appendix B.1.
    #expect(
      text.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(throws: ImageFileError.unknownFormat(path: path, expected: [.png, .jpeg, .webP])) {
      try text.decoded()
    }
  }

  @Test("pictures of one pixel's width or height are refused")
  func tooSmall() {
    for (width, height) in [(1, 1), (1, 9), (9, 1)] {
      let bytes = PNGBuilder(
        width: width, height: height, colorType: 0,
        rows: (0..<height).flatMap { _ in [UInt8](repeating: 0, count: width + 1) }
      ).bytes
      #expect(
        throws: ImageFileError.tooSmall(
          path: "a.png", found: ImageExtent(width: width, height: height), minimum: 2)
      ) { try ImageFile.photograph(from: bytes, path: "a.png") }
    }
  }

  @Test(
    "huge pictures are refused from their header alone",
    arguments: [(30000, 30000), (30001, 2), (2, 30001), (12000, 12000), (1_000_000, 1_000_000)])
  func tooLarge(width: Int, height: Int) {
    // The file has no pixels at all: what is refused is the claim.
    let bytes = PNGBuilder(width: width, height: height).bytes
    #expect(
      throws: ImageFileError.tooLarge(
        path: "a.png", found: ImageExtent(width: width, height: height), maximumSide: 30000,
        maximumPixels: 120_000_000)
    ) { try ImageFile.photograph(from: bytes, path: "a.png") }
    let radiance = Array("#?RADIANCE\n\n-Y \(height) +X \(width)\n".utf8)
    #expect(throws: ImageFileError.self) {
      try ImageFile.environment(from: radiance, path: "a.hdr")
    }
  }

  @Test("the digest is that of the file")
  func digest() throws {
    let bytes = PNGBuilder(width: 2, height: 2, colorType: 0, rows: [0, 1, 2, 0, 3, 4]).bytes
    let photograph = try ImageFile.photograph(from: bytes, path: "a.png")
    #expect(photograph.digest == ContentDigest.sha256(bytes))
  }

  @Test("SHA-256 of the standard's examples")
  func sha256() {
    #expect(
      ContentDigest.sha256([])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      ContentDigest.sha256(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      ContentDigest.sha256([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}
