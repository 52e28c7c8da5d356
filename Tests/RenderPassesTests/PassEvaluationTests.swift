import Foundation
import Imaging
import RenderPasses
import TestSupport
import Testing

@Suite struct PassEvaluationTests {
  private func changed(_ stack: PassStack, _ kind: PassKind, _ change: (inout Image) -> Void) throws
    -> PassStack
  {
    var passes = Dictionary(uniqueKeysWithValues: PassKind.allCases.map { ($0, stack[$0]) })
    var image = stack[kind]
    change(&image)
    passes[kind] = image
    return try PassStack(passes: passes, skin: stack.skin, subject: stack.subject)
  }

  private func value(_ scores: [PassScore], _ pass: PassKind, _ name: String) throws -> Double {
    try #require(scores.first { $0.pass == pass && $0.name == name }).value
  }

  @Test("the truth itself has no error")
  func perfect() throws {
    let truth = try makeStack(width: 24, height: 24)
    let scores = PassEvaluation.scores(truth, truth: truth)
    #expect(try value(scores, .albedo, "rmse") == 0)
    #expect(try value(scores, .albedo, "psnr") == 100)
    #expect(try abs(value(scores, .albedo, "ssim sRGB") - 1) < 1e-6)
    #expect(try abs(value(scores, .albedo, "correlation") - 1) < 1e-9)
    #expect(try abs(value(scores, .albedo, "bias")) < 1e-9)
    #expect(try value(scores, .normal, "median°") < 1e-3)
    #expect(try value(scores, .normal, "% below 11.25°") == 100)
    #expect(try abs(value(scores, .diffuse, "correlation") - 1) < 1e-9)
  }

  @Test("half the albedo: an error, a bias, and none of both after one factor")
  func scale() throws {
    let truth = try BallPasses.stack(side: 24, radius: 0.9)
    let half = try changed(truth, .albedo) { image in
      for index in image.samples.indices { image.samples[index] /= 2 }
    }
    let scores = PassEvaluation.scores(half, truth: truth)
    // Albedo (0.5, 0.35, 0.25) everywhere.
    let mse = (0.0625 + 0.030625 + 0.015625) / 3
    #expect(try abs(value(scores, .albedo, "mse") - mse) < 1e-7)
    #expect(try abs(value(scores, .albedo, "psnr") + 10 * log10(mse)) < 1e-4)
    #expect(try abs(value(scores, .albedo, "bias") + 0.5) < 1e-6)
    #expect(try value(scores, .albedo, "rmse scaled") < 1e-6)
    #expect(try value(scores, .albedo, "correlation") == 0)
  }

  @Test("what lies off the skin does not count, and no skin gives no figures")
  func region() throws {
    let truth = try BallPasses.stack(side: 24, radius: 0.9)
    let disturbed = try changed(truth, .ao) { image in
      for index in image.samples.indices where truth.skin.samples[index] == 0 {
        image.samples[index] = 0
      }
    }
    #expect(try value(PassEvaluation.scores(disturbed, truth: truth), .ao, "rmse") == 0)
    let nothing = Image(width: 24, height: 24, channels: 1, encoding: .data)
    let passes = Dictionary(uniqueKeysWithValues: PassKind.allCases.map { ($0, truth[$0]) })
    let bare = try PassStack(passes: passes, skin: nothing, subject: nothing)
    #expect(PassEvaluation.scores(truth, truth: bare).isEmpty)
    #expect(PassEvaluation.tone(of: bare) == nil)
  }

  @Test("normals turned by a known angle are off by that angle everywhere")
  func normals() throws {
    func facing(angle: Double) throws -> PassStack {
      try changed(BallPasses.stack(side: 24, radius: 0.9), .normal) { image in
        let count = image.pixelCount
        for index in 0..<count {
          image.samples[index] = Float(sin(angle))
          image.samples[count + index] = 0
          image.samples[2 * count + index] = Float(cos(angle))
        }
      }
    }
    let scores = PassEvaluation.scores(try facing(angle: 0.2), truth: try facing(angle: 0))
    let degrees = 0.2 * 180 / Double.pi
    for name in ["mean°", "median°", "90th percentile°"] {
      #expect(try abs(value(scores, .normal, name) - degrees) < 1e-3)
    }
    #expect(try value(scores, .normal, "% below 11.25°") == 0)
    #expect(try value(scores, .normal, "% below 22.5°") == 100)
  }

  @Test(
    "tones by the luminance of the albedo",
    arguments: [(0.1, .dark), (0.2, .medium), (0.4, .light)] as [(Float, SkinTone)])
  func tones(luminance: Float, tone: SkinTone) throws {
    let ball = try BallPasses.stack(side: 16, radius: 0.9)
    let painted = try changed(ball, .albedo) { image in
      for index in image.samples.indices { image.samples[index] = luminance }
    }
    #expect(PassEvaluation.tone(of: painted) == tone)
  }

  @Test("predictions of another extent are fitted")
  func extents() throws {
    let truth = try BallPasses.stack(side: 64, radius: 0.9)
    let small = try BallPasses.stack(side: 32, radius: 0.9)
    #expect(try value(PassEvaluation.scores(small, truth: truth), .normal, "median°") < 2)
  }
}
