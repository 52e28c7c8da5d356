import Foundation
import Imaging
import RenderPasses

/// The light that a photograph was taken in, estimated from its passes as a rig of lamps.
///
/// What reached the skin is its diffuse light over its albedo. A key lamp and broad ones from five
/// sides are fitted to it over the normals, all of them shining or dark, none negative; pixels that
/// no lamp explains, such as those in cast shadows, lose their say (iteratively reweighted least
/// squares with Geman & McClure's weights). The key's direction is searched, coarsely, then finely.
public struct LightEstimate: Sendable {
  /// Lamps in the camera's frame without environment, the strongest first.
  public let rig: LightRig
  /// Mean miss relative to the mean light, over the pixels that were explained.
  public let residual: Float

  /// Pixels on the longer side that are looked at.
  private static let extent = 96
  private static let leastPixels = 200
  /// Lamps that give less than this share of the strongest one's light are left out.
  private static let leastShare: Float = 0.02

  /// Estimates the light of a portrait; nothing where there is too little skin to tell.
  public init?(stack: PassStack) {
    let points = Self.points(stack)
    guard points.count >= Self.leastPixels else { return nil }
    let total = points.reduce(Float(0)) { $0 + $1.level }
    let scale = total / Float(points.count)
    var best = Self.search(
      points, scale: scale, azimuths: stride(from: -90, through: 90, by: 15),
      elevations: stride(from: -30, through: 75, by: 15))
    for step: Float in [5, 2] {
      let (az, el) = (best.key.azimuthDegrees, best.key.elevationDegrees)
      let finer = Self.search(
        points, scale: scale,
        azimuths: stride(from: az - 2 * step, through: az + 2 * step, by: step),
        elevations: stride(from: el - 2 * step, through: el + 2 * step, by: step))
      if finer.cost < best.cost { best = finer }
    }
    let lamps = [best.key] + Self.broadLamps
    let colors = best.fit.colors(points, lamps: lamps)
    let brightest = colors.map { ColorTransfer.luminance($0) }.max() ?? 0
    guard brightest > 0 else { return nil }
    var lights: [Light] = []
    for (lamp, color) in zip(lamps, colors)
    where ColorTransfer.luminance(color) > Self.leastShare * brightest {
      lights.append(lamp.shining(color))
    }
    lights.sort { $0.exposure > $1.exposure }
    rig = LightRig(name: "Original", frame: .camera, lights: lights, environment: .none)
    residual = best.fit.residual / scale
  }

  private static let broadLamps: [Light] = [
    lamp("front", 0, 0, size: 90), lamp("left", -80, 0, size: 90), lamp("right", 80, 0, size: 90),
    lamp("above", 0, 75, size: 90), lamp("below", 0, -75, size: 90),
  ]

  private static func lamp(
    _ name: String, _ azimuth: Float, _ elevation: Float, size: Float
  ) -> Light {
    var light = Light(name: name)
    light.azimuthDegrees = azimuth
    light.elevationDegrees = elevation
    light.sizeDegrees = size
    light.castsShadow = name == "key"
    return light
  }

  fileprivate struct Point: Sendable {
    var normal: SIMD3<Float>
    /// Light that reached the skin.
    var light: SIMD3<Float>
    /// Its luminance.
    var level: Float
  }

  private static func points(_ stack: PassStack) -> [Point] {
    let scale = min(Double(extent) / Double(max(stack.width, stack.height)), 1)
    let passes = stack.resized(
      width: max(Int((Double(stack.width) * scale).rounded()), 1),
      height: max(Int((Double(stack.height) * scale).rounded()), 1))
    let count = passes.albedo.pixelCount
    func vector(_ image: Image, _ pixel: Int) -> SIMD3<Float> {
      SIMD3(
        image.samples[pixel], image.samples[count + pixel], image.samples[2 * count + pixel])
    }
    return (0..<count).compactMap { pixel in
      let (albedo, normal) = (vector(passes.albedo, pixel), vector(passes.normal, pixel))
      guard passes.skin.samples[pixel] > 0.6, albedo.min() > 0.01, normal.z > 0.15 else {
        return nil
      }
      let light = vector(passes.diffuse, pixel) / albedo
      return Point(normal: normal, light: light, level: ColorTransfer.luminance(light))
    }
  }

  private static func search(
    _ points: [Point], scale: Float, azimuths: StrideThrough<Float>,
    elevations: StrideThrough<Float>
  ) -> (key: Light, fit: LampFit, cost: Float) {
    let broad = broadLamps.map { lamp in points.map { LampFit.reflection($0.normal, lamp) } }
    let keys = azimuths.flatMap { azimuth in
      elevations.filter { abs($0) <= 90 }.map { lamp("key", azimuth, $0, size: 10) }
    }
    let fits = Parallel.map(count: keys.count) { index in
      let key = points.map { LampFit.reflection($0.normal, keys[index]) }
      return LampFit(columns: [key] + broad, levels: points.map(\.level), scale: scale)
    }
    let best = fits.indices.min { fits[$0].cost < fits[$1].cost } ?? 0
    return (keys[best], fits[best], fits[best].cost)
  }
}

/// Non-negative brightness of some lamps that explains light over normals, robustly.
private struct LampFit: Sendable {
  private let columns: [[Float]]
  private let weights: [Float]
  /// Mean of the robust penalty: 0 explains all, 1 nothing.
  let cost: Float
  /// Weighted root mean square of what is not explained.
  let residual: Float

  private static let rounds = 4
  /// Misses of this share of the mean light count half.
  private static let tolerance: Float = 0.15

  init(columns: [[Float]], levels: [Float], scale: Float) {
    self.columns = columns
    var weights = [Float](repeating: 1, count: levels.count)
    var (cost, residual): (Float, Float) = (1, 0)
    let square = Self.tolerance * Self.tolerance * scale * scale
    for _ in 0..<Self.rounds {
      let solution = Self.solve(columns, levels, weights)
      var (squares, total): (Float, Float) = (0, 0)
      cost = 0
      for index in levels.indices {
        var miss = levels[index]
        for lamp in columns.indices { miss -= solution[lamp] * columns[lamp][index] }
        let share = square / (square + miss * miss)
        cost += (1 - share) / Float(levels.count)
        squares += share * miss * miss
        total += share
        weights[index] = share * share
      }
      residual = (squares / max(total, 1e-6)).squareRoot()
    }
    self.weights = weights
    self.cost = cost
    self.residual = residual
  }

  /// What a white surface reflects of a lamp of exposure 0: the shader's own diffuse lobe.
  static func reflection(_ normal: SIMD3<Float>, _ lamp: Light) -> Float {
    let source = LightSource(lamp)
    return DiffuseLobe.reflection(
      nDotL: dot(normal, source.direction), softness: source.softness)
  }

  /// Red, green and blue of every lamp.
  func colors(_ points: [LightEstimate.Point], lamps: [Light]) -> [SIMD3<Float>] {
    let channels = (0..<3).map { channel in
      Self.solve(columns, points.map { $0.light[channel] }, weights)
    }
    return lamps.indices.map { SIMD3(channels[0][$0], channels[1][$0], channels[2][$0]) }
  }

  /// Non-negative weighted least squares by coordinate descent on the normal equations.
  private static func solve(
    _ columns: [[Float]], _ levels: [Float], _ weights: [Float]
  ) -> [Float] {
    let lamps = columns.indices
    func product(_ a: [Float], _ b: [Float]) -> Float {
      var sum: Float = 0
      for index in weights.indices { sum += weights[index] * a[index] * b[index] }
      return sum
    }
    let right = lamps.map { product(columns[$0], levels) }
    var gram = lamps.map { row in lamps.map { row <= $0 ? product(columns[row], columns[$0]) : 0 } }
    for row in lamps { for column in 0..<row { gram[row][column] = gram[column][row] } }
    // Broad lamps overlap: a trace of damping decides between equals.
    let damping = 1e-4 * (lamps.map { gram[$0][$0] }.max() ?? 0)
    var solution = [Float](repeating: 0, count: columns.count)
    for _ in 0..<200 {
      for lamp in lamps {
        var rest = right[lamp]
        for other in lamps where other != lamp { rest -= gram[lamp][other] * solution[other] }
        solution[lamp] = max(rest / (gram[lamp][lamp] + damping), 0)
      }
    }
    return solution
  }
}

extension EnvironmentSettings {
  /// No surroundings at all.
  fileprivate static var none: EnvironmentSettings {
    var settings = EnvironmentSettings()
    settings.isOn = false
    return settings
  }
}

extension Light {
  /// The lamp with the brightness of a colour, and the temperature and tint nearest to its hue.
  fileprivate func shining(_ color: SIMD3<Float>) -> Light {
    var light = self
    let luminance = max(ColorTransfer.luminance(color), 1e-6)
    let wanted = color / luminance
    func distance(_ kelvin: Float, _ tint: Float) -> Float {
      let difference = ColorTemperature.color(kelvin: kelvin, tint: tint) - wanted
      return dot(difference, difference)
    }
    func nearest(_ kelvins: [Float], _ tints: [Float]) -> (kelvin: Float, tint: Float) {
      let pairs = kelvins.flatMap { kelvin in tints.map { (kelvin: kelvin, tint: $0) } }
      return pairs.min { distance($0.kelvin, $0.tint) < distance($1.kelvin, $1.tint) } ?? (5600, 0)
    }
    // Even steps of reciprocal temperature look even.
    let coarse = nearest(
      stride(from: Float(50), through: 550, by: 25).map { 1e6 / $0 },
      Array(stride(from: Float(-100), through: 100, by: 10)))
    let mired = 1e6 / coarse.kelvin
    let fine = nearest(
      stride(from: max(mired - 25, 50), through: min(mired + 25, 550), by: 2).map { 1e6 / $0 },
      stride(from: coarse.tint - 10, through: coarse.tint + 10, by: 1).filter { abs($0) <= 100 })
    light.kelvin = fine.kelvin.rounded()
    light.tint = fine.tint
    light.exposure = min(max(log2(luminance), -10), 10)
    return light
  }
}
