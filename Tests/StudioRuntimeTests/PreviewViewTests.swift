import Foundation
import Imaging
import Shading
import Studio
import StudioRuntime
import Testing

/// What the viewport's views and the meter say about a ball, whose normals are known.
@Suite struct PreviewViewTests {
  private func answer(
    _ change: (inout PreviewRequest) -> Void, limit: ImageExtent = .init(width: 32, height: 32)
  ) throws -> (PreviewPicture, DisplayImage) {
    let ball = try Ball()
    defer { ball.remove() }
    let runner = ball.runner()
    runner.perform(.openPortrait(OpenRequest(generation: 1, path: ball.passes, framing: "auto")))
    var request = PreviewRequest(
      generation: 3, view: .relit, comparison: .off, look: Look(), quality: .final, columns: 10,
      rows: 5)
    change(&request)
    var isOpen = false
    for _ in 0..<4000 {
      for action in runner.mailbox.drain() {
        if case .decompositionFinished = action, !isOpen {
          isOpen = true
          runner.render(request, limit: limit)
        }
        if case .previewReady(let picture) = action, let image = runner.images[picture.image] {
          return (picture, image)
        }
      }
      Thread.sleep(forTimeInterval: 0.005)
    }
    throw CancellationError()
  }

  private func light(_ azimuth: Float, _ elevation: Float, _ exposure: Float = 0) -> Light {
    var light = Light(name: "light")
    (light.azimuthDegrees, light.elevationDegrees) = (azimuth, elevation)
    light.exposure = exposure
    light.castsShadow = false
    return light
  }

  @Test("in the middle of a ball the meter faces the camera, and so does the highlight")
  func meterInTheMiddle() throws {
    let (picture, _) = try answer { $0.meter = MeterPoint(x: 0.5, y: 0.5) }
    let reading = try #require(picture.reading)
    // Half a pixel off the middle of 32.
    #expect(abs(reading.normalAzimuth) < 4 && abs(reading.normalElevation) < 4)
    #expect(abs(reading.highlightAzimuth) < 8 && abs(reading.highlightElevation) < 8)
  }

  @Test("the highlight is twice as far from the camera as the normal")
  func meterAside() throws {
    let (picture, _) = try answer { $0.meter = MeterPoint(x: 0.7, y: 0.5) }
    let reading = try #require(picture.reading)
    #expect(reading.normalAzimuth > 5)
    #expect(abs(reading.highlightAzimuth - 2 * reading.normalAzimuth) < 1)
  }

  @Test("a stop more exposure is a stop more on the meter, and parts add up")
  func meterAddsUp() throws {
    func stops(_ exposure: Float) throws -> MeterReading {
      let (picture, _) = try answer {
        $0.look.rig = LightRig(lights: [light(0, 0, exposure), light(40, 0, -1)])
        $0.look.rig.environment.isOn = false
        $0.meter = MeterPoint(x: 0.5, y: 0.5)
      }
      return try #require(picture.reading)
    }
    let (plain, brighter) = (try stops(0), try stops(1))
    #expect(plain.contributions.count == 2)
    #expect(abs(brighter.contributions[0].stops - plain.contributions[0].stops - 1) < 0.01)
    #expect(abs(brighter.contributions[1].stops - plain.contributions[1].stops) < 0.01)
    let sum = plain.contributions.reduce(Float(0)) { $0 + exp2($1.stops) }
    #expect(abs(log2(sum) - plain.stops) < 0.01)
  }

  @Test("a ball's depth is greatest in its middle")
  func depth() throws {
    let (_, image) = try answer { $0.view = .depth }
    func gray(_ x: Int, _ y: Int) -> Int { Int(image.bytes[3 * (y * image.width + x)]) }
    #expect(gray(16, 16) > gray(4, 16) && gray(16, 16) > gray(28, 16))
    #expect(gray(16, 16) > gray(16, 4) && gray(16, 16) > 240)
  }

  @Test("a magnified picture is the part of the whole one")
  func region() throws {
    let (_, whole) = try answer { $0.view = .albedo }
    let (_, part) = try answer(
      {
        $0.view = .albedo
        $0.region = PictureRegion(x: 0.25, y: 0.5, side: 0.25)
      }, limit: ImageExtent(width: 8, height: 8))
    #expect(part.width == 8 && part.height == 8)
    for y in 0..<8 {
      for x in 0..<8 {
        let (one, other) = (3 * (y * 8 + x), 3 * ((y + 16) * 32 + x + 8))
        #expect(part.bytes[one..<one + 3] == whole.bytes[other..<other + 3])
      }
    }
  }

  @Test("clipped parts are striped, and only those")
  func zebra() throws {
    func reds(_ exposure: Float) throws -> Int {
      let (_, image) = try answer {
        $0.view = .zebra
        $0.look.exposure = exposure
      }
      return stride(from: 0, to: image.bytes.count, by: 3).count {
        image.bytes[$0] == 230 && image.bytes[$0 + 1] < 30
      }
    }
    #expect(try reds(-6) == 0)
    #expect(try reds(8) > 100)
  }

  @Test("the probes fill a square and need no passes, only light")
  func probes() throws {
    let (_, image) = try answer(
      {
        $0.view = .probes
        $0.comparison = .wipe(edge: 0.5)
        $0.look.rig = LightRig(lights: [light(90, 0)])
        $0.look.rig.environment.isOn = false
      }, limit: ImageExtent(width: 80, height: 64))
    #expect(image.width == 64 && image.height == 64)
    // The grey ball's quarter is the lower right one.
    func gray(_ x: Int) -> Int { Int(image.bytes[3 * (48 * 64 + x)]) }
    #expect(gray(58) > 80 && gray(38) < 5)
  }

  @Test("with another look in the photograph's place the wipe has that look left of it")
  func reference() throws {
    var dark = Look()
    dark.exposure = -10
    let (_, image) = try answer {
      $0.comparison = .wipe(edge: 0.5)
      $0.reference = dark
    }
    func brightness(_ x: Int) -> Int {
      (0..<32).reduce(0) { $0 + Int(image.bytes[3 * ($1 * 32 + x) + 1]) }
    }
    #expect(brightness(12) < brightness(20) / 4)
  }
}
