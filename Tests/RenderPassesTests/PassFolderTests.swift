import Foundation
import Imaging
import RenderPasses
import Synchronization
import Testing

@Suite struct PassFolderTests {
  private let manifest = PassManifest(
    crop: .init(centerX: 400.5, centerY: 300.25, size: 512, angleDegrees: -3.5),
    photograph: ImageExtent(width: 800, height: 600), sourcePath: "portrait.jpg",
    sourceDigest: String(repeating: "ab", count: 32), weightDigests: ["maginet": "12"])

  @Test("a stack and its manifest come back to 16 bits, raw diffuse clipped")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack()
    try PassFolder.write(stack, manifest, to: folder.file("passes"))
    #expect(folder.names == ["passes"])
    let (read, readManifest) = try PassFolder.read(folder.file("passes"))
    #expect(readManifest == manifest)
    for kind in PassKind.allCases where kind != .diffuse {
      #expect(largestDifference(read[kind], stack[kind]) < 4e-5, "\(kind)")
      #expect(read[kind].encoding == kind.encoding)
    }
    #expect(largestDifference(read.diffuse, stack.diffuse.clamped(to: 0...1)) < 4e-5)
    #expect(largestDifference(read.skin, stack.skin) < 1e-5)
    #expect(largestDifference(read.subject, stack.subject) < 1e-5)
  }

  @Test("writing again replaces every file and keeps what else lies there")
  func rewriting() throws {
    let folder = try TemporaryFolder()
    try PassFolder.write(makeStack(), manifest, to: folder.path)
    try AtomicFile.write(Array("mine".utf8), to: folder.file("notes.txt"))
    let second = try makeStack(width: 8, height: 8, seed: 2)
    try PassFolder.write(second, manifest, to: folder.path)
    #expect(
      folder.names == [
        "albedo.png", "ao.png", "diffuse.png", "normal.png", "notes.txt", "passes.json",
        "skin.png", "specular.png", "subject.png", "translucency.png",
      ])
    #expect(try PassFolder.read(folder.path).0.width == 8)
  }

  @Test("stopped in the middle, a new folder does not appear and nothing else is left")
  func cancelling() throws {
    let folder = try TemporaryFolder()
    let asked = Atomic(0)
    #expect(throws: PassError.cancelled) {
      try PassFolder.write(
        makeStack(), manifest, to: folder.file("passes"),
        isCancelled: { asked.add(1, ordering: .relaxed).newValue > 3 })
    }
    #expect(asked.load(ordering: .relaxed) > 3)
    #expect(folder.names == [])
  }

  @Test("a folder of another program: 8 bits, RGB for one channel, no mattes, no manifest")
  func foreign() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack()
    for kind in PassKind.allCases {
      var image = stack[kind]
      if kind == .normal {
        image.samples = image.samples.map { ($0 + 1) / 2 }
      } else if image.channels == 1 {
        image = Image(
          width: image.width, height: image.height, channels: 3, encoding: .data,
          samples: image.samples + image.samples + image.samples)
      }
      try ImageFile.write(image, to: folder.file("\(kind.rawValue).png"), bitDepth: 8)
    }
    let (read, manifest) = try PassFolder.read(folder.path)
    #expect(manifest.crop == nil)
    #expect(largestDifference(read.normal, stack.normal) < 0.01)
    #expect(largestDifference(read.ao, stack.ao) < 0.003)
    #expect(largestDifference(read.albedo, stack.albedo) < 0.006)
    #expect(read.skin.samples.allSatisfy { $0 == 1 })
    #expect(read.subject.samples.allSatisfy { $0 == 1 })
  }

  @Test("the manifest's encodings are believed")
  func encodings() throws {
    let folder = try TemporaryFolder()
    var stack = try makeStack()
    try PassFolder.write(stack, manifest, to: folder.path)
    var raw = stack.albedo
    raw.encoding = .data
    try ImageFile.write(raw, to: folder.file("albedo.png"), bitDepth: 16)
    try AtomicFile.write(
      Array(#"{ "version": 1, "encodings": { "albedo": "linear" } }"#.utf8),
      to: folder.file("passes.json"))
    stack = try PassFolder.read(folder.path).0
    #expect(largestDifference(stack.albedo, raw) < 1e-5)
  }

  @Test("what is wrong with a folder is told")
  func errors() throws {
    let folder = try TemporaryFolder()
    #expect(
      throws: PassError.file(
        .unreadable(path: folder.file("albedo.png"), reason: "No such file or directory"))
    ) { try PassFolder.read(folder.path) }
    try PassFolder.write(makeStack(), manifest, to: folder.path)
    try ImageFile.write(
      Image(width: 3, height: 3, channels: 1, encoding: .data), to: folder.file("ao.png"))
    #expect(
      throws: PassError.extentMismatch(
        pass: "ao", expected: ImageExtent(width: 20, height: 14),
        found: ImageExtent(width: 3, height: 3))
    ) { try PassFolder.read(folder.path) }
    try ImageFile.write(
      Image(width: 20, height: 14, channels: 1, encoding: .data), to: folder.file("normal.png"))
    #expect(throws: PassError.channelMismatch(pass: "normal", expected: 3, found: 1)) {
      try PassFolder.read(folder.path)
    }
  }

  @Test("a manifest that is broken or from the future is refused")
  func manifests() throws {
    let folder = try TemporaryFolder()
    try PassFolder.write(makeStack(), manifest, to: folder.path)
    let path = folder.file("passes.json")
    try AtomicFile.write(Array("{ \"version\": 2 }".utf8), to: path)
    #expect(throws: PassError.manifest(path: path, reason: "version 2, expected at most 1")) {
      try PassFolder.read(folder.path)
    }
    try AtomicFile.write(Array("{ not JSON".utf8), to: path)
    #expect {
      try PassFolder.read(folder.path)
    } throws: { error in
      if case .manifest(path, _) = error as? PassError { true } else { false }
    }
  }

  @Test("where no folder can be made, nothing is left behind")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write([1], to: folder.file("file"))
    #expect(
      throws: PassError.file(.unwritable(path: folder.file("file"), reason: "it is not a folder"))
    ) { try PassFolder.write(makeStack(), manifest, to: folder.file("file")) }
    #expect {
      try PassFolder.write(makeStack(), manifest, to: folder.file("file/passes"))
    } throws: { error in
      if case .file(.unwritable(folder.file("file/passes"), _)) = error as? PassError {
        true
      } else {
        false
      }
    }
    #expect(folder.names == ["file"])
  }
}
