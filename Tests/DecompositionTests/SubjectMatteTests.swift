import Decomposition
import Foundation
import Imaging
import TestSupport
import Testing

/// A disc before a wall, both textured, whose coverage is known exactly.
@Suite struct SubjectMatteTests {
  private static let side = 128
  private static let middle = SIMD2<Float>(66.3, 61.8)
  private static let radius: Float = 40

  /// Pixels from the disc's edge, positive inside.
  private static func depth(_ x: Int, _ y: Int) -> Float {
    let way = SIMD2(Float(x), Float(y)) - middle
    return radius - (way * way).sum().squareRoot()
  }

  /// One pixel of the edge shows both.
  private static let truth = plane { x, y in min(max(depth(x, y) + 0.5, 0), 1) }

  private static func plane(_ value: (_ x: Int, _ y: Int) -> Float) -> Image {
    Image(
      width: side, height: side, channels: 1, encoding: .data,
      samples: (0..<side * side).map { value($0 % side, $0 / side) })
  }

  /// Skin with shading before a wall with a gradient and a little noise, as a camera shows them.
  private static let photograph: Image = {
    var generator = SeededGenerator(seed: 5)
    var result = Image(width: side, height: side, channels: 3, encoding: .sRGB)
    for y in 0..<side {
      for x in 0..<side {
        let shade = 0.7 + 0.3 * Float(x) / Float(side)
        let skin = SIMD3<Float>(0.8, 0.6, 0.5) * shade
        let wall = SIMD3<Float>(0.35, 0.36, 0.4) + 0.1 * Float(y) / Float(side)
        let color = wall + truth[0, x, y] * (skin - wall)
        let noise = Float.random(in: -0.01...0.01, using: &generator)
        for channel in 0..<3 { result[channel, x, y] = color[channel] + noise }
      }
    }
    return result
  }()

  /// What a network makes of it: soft over ten pixels, half sure of the wall at the left, and at the lower
  /// right wholly convinced of an island.
  private static let leaking = plane { x, y in
    if x > 115 && y > 115 { return 1 }
    let soft = 1 / (1 + exp(-depth(x, y) / 2.5))
    let leak: Float = x < 40 && y > 40 && y < 80 ? 0.85 : 0.04
    return max(soft, leak)
  }

  private func error(_ matte: Image) -> Float {
    zip(matte.samples, Self.truth.samples).reduce(0) { $0 + abs($1.0 - $1.1) }
      / Float(matte.pixelCount)
  }

  @Test("a matte that is soft and leaks becomes the true coverage")
  func coverage() {
    let found = SubjectMatte(Self.leaking, along: Self.photograph).image
    #expect(error(Self.leaking) > 0.07)
    #expect(error(found) < 0.004, "mean error \(error(found))")
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        // The leak, the island and the wall beyond the edge; the face up to its edge.
        let depth = Self.depth(x, y)
        if depth < -2 { #expect(found[0, x, y] < 0.1, "a leak of \(found[0, x, y]) at \(x), \(y)") }
        if depth > 2 { #expect(found[0, x, y] > 0.9, "a hole of \(found[0, x, y]) at \(x), \(y)") }
      }
    }
  }

  @Test("below the face a network that is bold of clothes is believed, whatever their colour")
  func clothes() {
    // A white collar below the disc, before a wall that is as white in places; above it a window is, too.
    let collar = (x: 46..<88, y: 96..<Self.side)
    let isCollar = { (x: Int, y: Int) in collar.x ~= x && collar.y ~= y && Self.depth(x, y) < 0 }
    var picture = Self.photograph
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        let isWindow = Self.depth(x, y) < 0 && (y < 20 || y > 90 && (x < 40 || x > 96))
        guard isCollar(x, y) || isWindow else { continue }
        for channel in 0..<3 { picture[channel, x, y] = 0.85 + 0.05 * Float((x + y) % 5) / 4 }
      }
    }
    let network = Self.plane { x, y in
      let soft = 1 / (1 + exp(-Self.depth(x, y) / 2.5))
      let isBold = isCollar(x, y) || x > 50 && x < 80 && y < 20
      return max(soft, isBold ? 0.8 : 0.04)
    }
    let found = SubjectMatte(network, along: picture).image
    for y in collar.y.dropFirst(10) {
      for x in collar.x.dropFirst(3).dropLast(3) {
        #expect(found[0, x, y] > 0.9, "a hole of \(found[0, x, y]) at \(x), \(y)")
      }
      #expect(found[0, 20, y] < 0.1 && found[0, 110, y] < 0.1)
    }
  }

  @Test("hair that is now dark, now bright covers what is behind it all the same")
  func texture() {
    // The disc at twice the size, as grey hair before a bright wall; the network is not sure of its edge.
    let side = 2 * Self.side
    var generator = SeededGenerator(seed: 6)
    var picture = Image(width: side, height: side, channels: 3, encoding: .sRGB)
    var truth = Image(width: side, height: side, channels: 1, encoding: .data)
    var soft = truth
    var depths: [Float] = []
    for y in 0..<side {
      for x in 0..<side {
        let way = SIMD2(Float(x), Float(y)) - 2 * Self.middle
        let depth = 2 * Self.radius - (way * way).sum().squareRoot()
        depths.append(depth)
        truth[0, x, y] = min(max(depth + 0.5, 0), 1)
        soft[0, x, y] = 1 / (1 + exp((4 - depth) / 3))
        let strand = Float.random(in: 0.2...0.75, using: &generator)
        let wall = SIMD3<Float>(0.8, 0.92, 0.95) - 0.05 * Float(y) / Float(side)
        let color = wall + truth[0, x, y] * (SIMD3(1, 0.97, 0.94) * strand - wall)
        for channel in 0..<3 { picture[channel, x, y] = color[channel] }
      }
    }
    let found = SubjectMatte(soft, along: picture).image
    let hair = depths.indices.filter { depths[$0] > 1 && depths[$0] < 10 }
    let holes = hair.reduce(0) { $0 + 1 - found.samples[$1] } / Float(hair.count)
    let error = zip(found.samples, truth.samples).reduce(0) { $0 + abs($1.0 - $1.1) }
    // Without a look at colours a fiftieth of the hair would be missing.
    #expect(holes < 0.005, "holes of \(holes)")
    #expect(error < 0.001 * Float(found.pixelCount), "error of \(error)")
  }

  @Test("what is out of focus beside sharp hair of its colour is not the subject")
  func focus() {
    // The disc as curls before a smooth wall of their mean colour, in which the network half believes beside it.
    var generator = SeededGenerator(seed: 7)
    var picture = Self.photograph
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        let curl = Float.random(in: -0.15...0.15, using: &generator)
        for channel in 0..<3 { picture[channel, x, y] = 0.35 + Self.truth[0, x, y] * curl }
      }
    }
    let rows = 40..<80
    let network = Self.plane { x, y in
      let soft = 1 / (1 + exp(-Self.depth(x, y) / 1.2))
      return max(soft, x < 60 && rows ~= y ? 0.75 : 0.04)
    }
    let found = SubjectMatte(network, along: picture).image
    func mean(_ depths: Range<Float>) -> Float {
      let chosen = rows.flatMap { y in
        (0..<60).filter { depths ~= Self.depth($0, y) }.map { found[0, $0, y] }
      }
      return chosen.reduce(0, +) / Float(chosen.count)
    }
    #expect(mean(-8 ..< -1.5) < 0.1, "a leak of \(mean(-8 ..< -1.5))")
    #expect(mean(1.5..<8) > 0.9, "\(mean(1.5..<8)) of the rim")
  }

  @Test("between the network's pixels the photograph draws the edge")
  func enlarged() {
    let small = Self.leaking.resized(width: 64, height: 64)
    let found = SubjectMatte(small, along: Self.photograph).image
    #expect(found.extent == Self.photograph.extent)
    let plain = SubjectMatte(small, along: Self.photograph.resized(width: 64, height: 64)).image
      .resized(width: Self.side, height: Self.side)
    #expect(error(found) < 0.7 * error(plain), "\(error(found)) against \(error(plain))")
  }

  @Test("a network that is sure of nothing has the last word")
  func unsure() {
    let matte = Self.plane { x, _ in 0.2 + 0.5 * Float(x) / Float(Self.side) }
    let found = SubjectMatte(matte, along: Self.photograph)
    #expect(found.image == matte)
    #expect(found.spread(matte, blur: 0.01) == matte)
  }

  @Test("pictures of hardly any pixels keep their matte", arguments: [1, 2, 3, 7])
  func tiny(side: Int) {
    let matte = Image(width: side, height: side, channels: 1, encoding: .data, repeating: 1)
    let picture = Image(width: side, height: side, channels: 3, encoding: .sRGB, repeating: 0.5)
    #expect(SubjectMatte(matte, along: picture).image == matte)
  }

  @Test("a pass at the edge says what it says inside, far away it stays")
  func spread() {
    let matte = SubjectMatte(Self.leaking, along: Self.photograph)
    // Blurred by four pixels across the edge: 0.9 inside, 0.2 on the wall.
    let pass = Self.plane { x, y in 0.2 + 0.7 / (1 + exp(-Self.depth(x, y) / 1.2)) }
    let found = matte.spread(pass, blur: 0.04)
    var worst: Float = 0
    for y in 0..<Self.side {
      for x in 0..<Self.side {
        let depth = Self.depth(x, y)
        if depth > -1 { worst = max(worst, abs(found[0, x, y] - 0.9)) }
        if depth < -8 || depth > 10 { #expect(found[0, x, y] == pass[0, x, y]) }
      }
    }
    #expect(worst < 0.03, "off by \(worst) at the edge")
  }

  @Test("where two colours mix, closed-form matting finds the shares from few known ones")
  func mixture() {
    // Levin et al. 2008, theorem 1: coverage that is a line in the colours costs nothing.
    let (width, height) = (40, 30)
    func truth(_ index: Int) -> Float {
      0.5 + 0.5 * sin(Float(index % width) * 0.31) * cos(Float(index / width) * 0.27)
    }
    let (front, back) = (SIMD3<Float>(0.9, 0.5, 0.2), SIMD3<Float>(0.1, 0.3, 0.6))
    var photograph = Image(width: width, height: height, channels: 3, encoding: .sRGB)
    for index in 0..<width * height {
      let color = back + truth(index) * (front - back)
      for channel in 0..<3 { photograph.samples[channel * width * height + index] = color[channel] }
    }
    let isUnknown = (0..<width * height).map { $0 % 97 != 0 }
    let laplacian = MattingLaplacian(photograph, isUnknown: isUnknown, epsilon: 1e-7)
    let expected = isUnknown.indices.map { isUnknown[$0] ? 0.5 : truth($0) }
    let found = laplacian.solve(
      expected: expected, confidence: expected.map { _ in 0 }, tolerance: 1e-6)
    for index in found.indices { #expect(abs(found[index] - truth(index)) < 0.02) }
  }
}
