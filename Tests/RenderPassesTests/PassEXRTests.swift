import Imaging
import RenderPasses
import Testing

@Suite struct PassEXRTests {
  @Test("a stack comes back unclipped to half precision")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack(width: 33, height: 21)
    try PassEXR.write(stack, to: folder.file("passes.exr"))
    let read = try PassEXR.read(folder.file("passes.exr"))
    for kind in PassKind.allCases {
      #expect(largestDifference(read[kind], stack[kind]) < 6e-4, "\(kind)")
      #expect(read[kind].encoding == kind.encoding)
    }
    #expect(read.diffuse.samples.contains { $0 > 1.05 })
    #expect(largestDifference(read.subject, stack.subject) < 5e-4)
  }

  @Test("absent mattes are full, further layers are ignored, an absent pass is named")
  func partial() throws {
    let folder = try TemporaryFolder()
    let stack = try makeStack(width: 4, height: 4)
    var channels = PassKind.allCases.flatMap { kind in
      kind.layerChannels.enumerated().map { index, name in
        LayeredImage.Channel(
          name: name, precision: .float, samples: stack[kind].plane(index).samples)
      }
    }
    channels.append(.init(name: "Z", precision: .float, samples: [Float](repeating: 3, count: 16)))
    let path = folder.file("passes.exr")
    try ImageFile.write(LayeredImage(width: 4, height: 4, channels: channels), to: path)
    let read = try PassEXR.read(path)
    #expect(read.skin.samples.allSatisfy { $0 == 1 })
    #expect(read.albedo == stack.albedo)
    channels.removeAll { $0.name == "normal.Y" }
    try ImageFile.write(LayeredImage(width: 4, height: 4, channels: channels), to: path)
    #expect(throws: PassError.missingLayer(path: path, channel: "normal.Y")) {
      try PassEXR.read(path)
    }
  }
}
