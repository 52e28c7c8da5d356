import Foundation
import Imaging
import Shading
import Studio

/// The pictures of a light that goes around a portrait.
struct TurntablePictures {
  private let turntable: Turntable
  private let look: Look
  private let environment: EnvironmentMap?
  private let extent: ImageExtent
  private var relighter: Relighter

  /// Pictures larger than this make files that nothing plays.
  private static let greatestExtent = 512

  /// - Parameters:
  ///   - portrait: The passes and the crop.
  ///   - look: The first picture's look.
  ///   - turntable: The light and the number of pictures.
  ///   - environment: The look's panorama.
  init(
    portrait: OpenedPortrait, look: Look, turntable: Turntable, environment: EnvironmentMap?
  ) {
    self.turntable = turntable
    self.look = look
    self.environment = environment
    relighter = Relighter(stack: portrait.stack, portrait: portrait.source?.portrait)
    extent = relighter.extent.shrunk(to: Self.greatestExtent)
  }

  /// Renders the pictures one after the other.
  ///
  /// - Parameters:
  ///   - size: The extent of a picture; nil for up to 512 pixels a side.
  ///   - isCancelled: Asked between and within the pictures.
  ///   - use: Gets the number of a picture and the picture, 3 channels, sRGB-encoded.
  /// - Throws: `StudioRuntimeError.cancelled`, and what `use` throws.
  mutating func forEach(
    size: ImageExtent? = nil, isCancelled: () -> Bool, use: (Int, Image) throws -> Void
  ) throws {
    for frame in 0..<turntable.frames {
      let picture = relighter.display(
        look: turntable.look(look, at: frame), environment: environment, size: size ?? extent,
        isCancelled: isCancelled)
      guard !isCancelled(), var picture else { throw StudioRuntimeError.cancelled }
      Dither.apply(to: &picture)
      try use(frame, picture)
    }
  }

  /// Writes an animated PNG, a folder of PNG files for a path without a suffix.
  ///
  /// - Parameters:
  ///   - path: What to make or replace.
  ///   - isCancelled: Asked between and within the pictures.
  ///   - progress: Gets the share that is done.
  /// - Throws: `StudioRuntimeError.cancelled`, `ImageFileError`, or the system's errors.
  mutating func write(
    to path: String, isCancelled: () -> Bool, progress: (Double) -> Void
  ) throws {
    let total = Double(turntable.frames)
    guard !(path as NSString).pathExtension.isEmpty else {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      return try forEach(isCancelled: isCancelled) { frame, picture in
        try ImageFile.write(picture, to: "\(path)/\(String(format: "%03d", frame)).png")
        progress(Double(frame + 1) / total)
      }
    }
    var animation = AnimatedPNG(
      frameCount: turntable.frames, secondsPerFrame: Turntable.secondsPerFrame)
    try forEach(isCancelled: isCancelled) { frame, picture in
      try animation.append(picture, path: path)
      progress(Double(frame + 1) / total)
    }
    try AtomicFile.write(animation.bytes, to: path)
  }

  /// Writes all pictures on one sheet, six to a row.
  ///
  /// - Throws: `StudioRuntimeError.cancelled`, `ImageFileError`.
  mutating func writeSheet(
    to path: String, isCancelled: () -> Bool, progress: (Double) -> Void
  ) throws {
    let columns = 6
    let side = extent.shrunk(to: 256)
    let rows = (turntable.frames + columns - 1) / columns
    var sheet = Image(
      width: columns * side.width, height: rows * side.height, channels: 3, encoding: .sRGB)
    let total = Double(turntable.frames)
    try forEach(size: side, isCancelled: isCancelled) { frame, picture in
      sheet.paste(picture, x: frame % columns * side.width, y: frame / columns * side.height)
      progress(Double(frame + 1) / total)
    }
    try ImageFile.write(sheet, to: path)
  }
}

extension ImageExtent {
  /// The extent with sides of at most `limit`, the proportions kept.
  fileprivate func shrunk(to limit: Int) -> ImageExtent {
    max(width, height) <= limit ? self : fitted(into: ImageExtent(width: limit, height: limit))
  }
}
