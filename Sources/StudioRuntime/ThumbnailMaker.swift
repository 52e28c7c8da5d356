import Foundation
import Imaging
import Shading
import Studio
import StudioFiles

/// Makes the small pictures of lists.
struct ThumbnailMaker: Sendable {
  private let assets: AssetFolder

  /// The mean of an environment, in stops, is shown as this light.
  private static let middle: Float = 0.25

  init(assets: AssetFolder) {
    self.assets = assets
  }

  /// The small picture of a source.
  ///
  /// - Throws: `StudioFilesError` for an unknown name, `ImageFileError` for what is no picture.
  func thumbnail(of source: ThumbnailSource) throws -> Thumbnail {
    switch source {
    case .environment(let name):
      let image = try ImageFile.readEnvironment(at: assets.environmentPath(named: name))
      return Thumbnail(Self.developed(Self.small(image, fills: true)))
    case .file(let path):
      return Thumbnail(Self.small(try Self.readPortrait(at: path), fills: false))
    }
  }

  /// The picture of a photograph, or the diffuse pass of a pass folder, which is always there.
  ///
  /// - Throws: `ImageFileError`.
  static func readPortrait(at path: String) throws(ImageFileError) -> Image {
    let pass = path + "/diffuse.png"
    let isFolder = FileManager.default.fileExists(atPath: pass)
    return try ImageFile.readPhotograph(at: isFolder ? pass : path).image
  }

  private static func small(_ image: Image, fills: Bool) -> Image {
    let limit = ImageExtent(width: Thumbnail.extent.width, height: Thumbnail.extent.height)
    let extent = fills ? limit : image.extent.fitted(into: limit)
    return image.resized(width: extent.width, height: extent.height)
  }

  /// Light as a picture, exposed by its geometric mean after Reinhard and others (2002).
  private static func developed(_ light: Image) -> Image {
    let count = light.pixelCount
    let pixels = (0..<count).map { pixel in
      SIMD3((0..<3).map { max(light.samples[$0 * count + pixel], 0) })
    }
    let logarithms = pixels.map { log2(max(($0.x + $0.y + $0.z) / 3, 1e-6)) }
    let factor = middle / exp2(logarithms.reduce(0, +) / Float(max(count, 1)))
    let tone = ToneMapping(.khronosNeutral)
    let shown = pixels.map { tone.display($0 * factor) }
    return Image(
      width: light.width, height: light.height, channels: 3, encoding: .linear,
      samples: (0..<3).flatMap { channel in shown.map { $0[channel] } }
    ).converted(to: .sRGB)
  }
}

extension Thumbnail {
  fileprivate init(_ image: Image) {
    let display = DisplayImage(image)
    self.init(width: display.width, height: display.height, bytes: display.bytes)
  }
}
