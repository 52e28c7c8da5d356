import Imaging
import Shading
import Testing

@Suite struct ProbeSpheresTests {
  private static let side = 400

  private func picture(_ rig: LightRig, _ map: EnvironmentMap? = nil) -> Image {
    ProbeSpheres(rig: rig, environment: map).picture(
      side: Self.side, exposure: 0, toneMap: .standard
    ).converted(to: .linear)
  }

  private func rig(azimuth: Float, elevation: Float) -> LightRig {
    var light = Light(name: "key")
    (light.azimuthDegrees, light.elevationDegrees) = (azimuth, elevation)
    var rig = LightRig(lights: [light])
    rig.environment.isOn = false
    return rig
  }

  /// The mean place of everything that is brighter than half, in a part of the picture.
  private func bright(_ image: Image, columns: Range<Int>, rows: Range<Int>) -> SIMD2<Float> {
    var (sum, count) = (SIMD2<Float>.zero, Float(0))
    for row in rows {
      for column in columns where image[1, column, row] > 0.5 {
        sum += SIMD2(Float(column) + 0.5, Float(row) + 0.5)
        count += 1
      }
    }
    return sum / max(count, 1)
  }

  @Test("a mirror shows a lamp where the normal is halfway to it, the panorama at its angles")
  func mirror() {
    let image = picture(rig(azimuth: 60, elevation: 0))
    let half = Self.side / 2
    let radius = Float(half) / 2 * ProbeSpheres.share
    let mirror = bright(image, columns: 0..<half, rows: half..<Self.side)
    // Half of 60° is 30°, whose sine is a half.
    #expect(abs(mirror.x - (Float(half) / 2 + radius / 2)) < 1)
    #expect(abs(mirror.y - Float(half) * 1.5) < 1)
    let panorama = bright(image, columns: 0..<Self.side, rows: 0..<half)
    #expect(abs(panorama.x - Float(Self.side) * (0.5 + 60.0 / 360)) < 1)
    #expect(abs(panorama.y - Float(half) / 2) < 1)
  }

  @Test("the grey ball is lit by the cosine")
  func gray() {
    let image = picture(rig(azimuth: 0, elevation: 45))
    let half = Float(Self.side) / 2
    let radius = half / 2 * ProbeSpheres.share
    for (up, cosine) in [(Float(0.70711), Float(1)), (0, 0.70711), (-0.5, 0.25882)] {
      let row = Int(half * 1.5 - up * radius)
      let value = image[1, Self.side * 3 / 4, row]
      #expect(abs(value - 0.18 * cosine) < 0.005, "\(up): \(value)")
    }
  }

  @Test("even surroundings are as bright in the mirror, and 18 % of it on grey")
  func furnace() {
    let white = Image(
      width: 64, height: 32, channels: 3, encoding: .linear,
      samples: [Float](repeating: 0.5, count: 3 * 64 * 32))
    var rig = LightRig()
    rig.environment.exposure = 0
    for blur in [0, 20] as [Float] {
      rig.environment.blurDegrees = blur
      let image = picture(rig, EnvironmentMap(image: white, isNormalized: false))
      let half = Self.side / 2
      #expect(abs(image[0, half / 2, half * 3 / 2] - 0.5) < 0.005)
      #expect(abs(image[0, 10, 10] - 0.5) < 0.005)
      #expect(abs(image[0, half * 3 / 2, half * 3 / 2] - 0.09) < 0.002)
    }
  }

  @Test("rotation and flip move the surroundings as they move the light")
  func turned() {
    var window = Image(width: 128, height: 64, channels: 3, encoding: .linear)
    for channel in 0..<3 {
      for row in 28..<36 { for column in 92..<100 { window[channel, column, row] = 40 } }
    }
    let map = EnvironmentMap(image: window)
    let half = Self.side / 2
    func place(_ change: (inout EnvironmentSettings) -> Void) -> Float {
      var rig = LightRig()
      rig.environment.exposure = 0
      change(&rig.environment)
      let found = bright(picture(rig, map), columns: 0..<Self.side, rows: 0..<half)
      return (found.x / Float(Self.side) - 0.5) * 360
    }
    #expect(abs(place { _ in } - 90) < 1)
    #expect(abs(place { $0.rotationDegrees = -60 } - 30) < 1)
    #expect(abs(place { $0.isFlipped = true } + 90) < 1)
    #expect(abs(place { $0.blurDegrees = 5 } - 90) < 2, "taken out as a lamp")
  }
}
