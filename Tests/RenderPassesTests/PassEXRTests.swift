import Imaging
import RenderPasses
import Testing

@Suite struct PassEXRTests {
  @Test("a stack comes back unclipped to half precision")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack(width: 33, height: 21)
    let manifest = PassManifest(
      crop: .init(centerX: 400.5, centerY: 300.25, size: 512, angleDegrees: -3.5),
      photograph: ImageExtent(width: 800, height: 600), sourcePath: "é/portrait.jpg",
      sourceDigest: String(repeating: "ab", count: 32), weightDigests: ["maginet": "12"])
    try PassEXR.write(stack, manifest, to: folder.file("passes.exr"))
    let (read, readManifest) = try PassEXR.read(folder.file("passes.exr"))
    #expect(readManifest == manifest)
    for kind in PassKind.allCases {
      #expect(largestDifference(read[kind], stack[kind]) < 6e-4, "\(kind)")
      #expect(read[kind].encoding == kind.encoding)
    }
    #expect(read.diffuse.samples.contains { $0 > 1.05 })
    #expect(largestDifference(read.subject, stack.subject) < 5e-4)
  }

  @Test("stored exactly, a stack comes back as it was")
  func exact() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack(width: 33, height: 21)
    try PassEXR.write(stack, PassManifest(), to: folder.file("passes.exr"), storage: .exact)
    let (read, manifest) = try PassEXR.read(folder.file("passes.exr"))
    for kind in PassKind.allCases { #expect(read[kind] == stack[kind]) }
    #expect(read.skin == stack.skin && read.subject == stack.subject)
    #expect(manifest == PassManifest())
  }

  @Test("the picture that the passes were made of goes along where it is given")
  func portrait() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack(width: 33, height: 21)
    let portrait = stack.albedo.converted(to: .sRGB)
    try PassEXR.write(
      stack, PassManifest(), portrait: portrait, to: folder.file("passes.exr"), storage: .exact)
    let contents = try PassEXR.contents(of: folder.file("passes.exr"))
    let read = try #require(contents.portrait)
    #expect(read.encoding == .linear)
    // Converted to sRGB and back.
    #expect(largestDifference(read, stack.albedo) < 1e-5)
    #expect(contents.stack.normal == stack.normal)
    try PassEXR.write(stack, PassManifest(), to: folder.file("passes.exr"), storage: .exact)
    #expect(try PassEXR.contents(of: folder.file("passes.exr")).portrait == nil)
  }

  @Test("a manifest that cannot be understood is an error that names the file")
  func damagedManifest() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("passes.exr")
    try PassEXR.write(makeStack(width: 4, height: 4), PassManifest(), to: path)
    let layers = try ImageFile.readLayers(at: path)
    try ImageFile.write(
      LayeredImage(
        width: 4, height: 4, channels: layers.channels,
        attributes: [PassEXR.manifestAttribute: #"{"version":99}"#]), to: path)
    #expect(
      throws: PassError.manifest(path: path, reason: "version 99, expected at most 1")
    ) { try PassEXR.read(path) }
  }

  @Test("absent mattes are full, further layers are ignored, an absent pass is named")
  func partial() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack(width: 4, height: 4)
    var channels = PassKind.allCases.flatMap { kind in
      kind.layerChannels.enumerated().map { index, name in
        LayeredImage.Channel(
          name: name, precision: .float, samples: stack[kind].samples(ofChannel: index))
      }
    }
    channels.append(
      .init(name: "Z", precision: .float, samples: ArraySlice(repeating: 3, count: 16)))
    let path = folder.file("passes.exr")
    try ImageFile.write(LayeredImage(width: 4, height: 4, channels: channels), to: path)
    let (read, manifest) = try PassEXR.read(path)
    #expect(manifest == PassManifest())
    #expect(read.skin.samples.allSatisfy { $0 == 1 })
    #expect(read.albedo == stack.albedo)
    channels.removeAll { $0.name == "normal.Y" }
    try ImageFile.write(LayeredImage(width: 4, height: 4, channels: channels), to: path)
    #expect(throws: PassError.missingLayer(path: path, channel: "normal.Y")) {
      try PassEXR.read(path)
    }
  }
}
