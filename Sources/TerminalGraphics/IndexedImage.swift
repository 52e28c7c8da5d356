import Imaging

/// A picture in the colours of a palette.
struct IndexedImage: Sendable {
  let width: Int
  let height: Int
  /// At most 256.
  let colors: [PaletteColor]
  /// A place in `colors` for each pixel, rows from the top.
  let indices: [UInt8]
}
