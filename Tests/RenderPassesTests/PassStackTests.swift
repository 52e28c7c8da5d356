import Imaging
import RenderPasses
import Testing

@Suite struct PassStackTests {
  @Test("codes and layer names are unique and in plane order")
  func table() {
    #expect(PassKind.allCases.map(\.code) == ["A", "N", "S", "T", "AO", "D"])
    #expect(PassKind.normal.layerChannels == ["normal.X", "normal.Y", "normal.Z"])
    #expect(PassKind.diffuse.layerChannels == ["diffuse.R", "diffuse.G", "diffuse.B"])
    #expect(MatteKind.skin.layerChannels == ["skin.Y"])
    for kind in PassKind.allCases { #expect(kind.layerChannels.count == kind.channels) }
  }

  @Test("a missing pass is named")
  func missing() throws {
    let stack = try makeStack()
    var passes = images(of: stack)
    passes[.ao] = nil
    #expect(throws: PassError.missingPass(.ao)) {
      try PassStack(passes: passes, skin: stack.skin, subject: stack.subject)
    }
  }

  @Test("wrong channels, encodings and extents are named")
  func mismatches() throws {
    let stack = try makeStack(width: 4, height: 4)
    func make(_ kind: PassKind, _ image: Image) throws -> PassStack {
      var passes = images(of: stack)
      passes[kind] = image
      return try PassStack(passes: passes, skin: stack.skin, subject: stack.subject)
    }
    #expect(throws: PassError.channelMismatch(pass: "specular", expected: 1, found: 3)) {
      try make(.specular, Image(width: 4, height: 4, channels: 3, encoding: .data))
    }
    #expect(
      throws: PassError.encodingMismatch(pass: "diffuse", expected: .linear, found: .sRGB)
    ) {
      try make(.diffuse, Image(width: 4, height: 4, channels: 3, encoding: .sRGB))
    }
    #expect(
      throws: PassError.extentMismatch(
        pass: "normal", expected: ImageExtent(width: 4, height: 4),
        found: ImageExtent(width: 4, height: 5))
    ) {
      try make(.normal, Image(width: 4, height: 5, channels: 3, encoding: .data))
    }
    #expect(
      throws: PassError.extentMismatch(
        pass: "skin", expected: ImageExtent(width: 4, height: 4),
        found: ImageExtent(width: 2, height: 2))
    ) {
      try PassStack(
        passes: images(of: stack),
        skin: Image(width: 2, height: 2, channels: 1, encoding: .data), subject: stack.subject)
    }
  }

  @Test("resizing keeps unit normals and ranges", arguments: [(9, 31), (40, 28)])
  func resizing(width: Int, height: Int) throws {
    let stack = try makeStack().resized(width: width, height: height)
    #expect(stack.width == width && stack.height == height)
    for kind in PassKind.allCases { #expect(stack[kind].extent == stack.subject.extent) }
    for y in 0..<height {
      for x in 0..<width {
        let vector = (0..<3).map { stack.normal[$0, x, y] }
        #expect(abs(vector.map { $0 * $0 }.reduce(0, +) - 1) < 1e-5)
      }
    }
    for image in [stack.albedo, stack.ao, stack.specular, stack.skin] {
      #expect(image.samples.allSatisfy { $0 >= 0 })
    }
    #expect(stack.ao.samples.allSatisfy { $0 <= 1 })
  }

  private func images(of stack: PassStack) -> [PassKind: Image] {
    Dictionary(uniqueKeysWithValues: PassKind.allCases.map { ($0, stack[$0]) })
  }
}
