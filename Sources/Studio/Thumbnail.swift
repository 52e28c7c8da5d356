import TerminalCells

/// What a small picture in a list shows.
public enum ThumbnailSource: Hashable, Sendable {
  /// An environment by name.
  case environment(String)
  /// A photograph or passes.
  case file(path: String)
}

/// A picture of a few dozen pixels: small enough to be a value of the state.
public struct Thumbnail: Equatable, Sendable {
  /// Pixels across and down, at most.
  public static let extent = (width: 32, height: 16)

  /// Columns of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  /// Red, green and blue of each pixel, sRGB-encoded, rows from the top.
  public let bytes: [UInt8]

  /// Wraps pixels.
  ///
  /// - Precondition: `bytes.count == 3 * width * height`, and neither side is 0.
  public init(width: Int, height: Int, bytes: [UInt8]) {
    precondition(
      width > 0 && height > 0 && bytes.count == 3 * width * height, "three bytes a pixel")
    self.width = width
    self.height = height
    self.bytes = bytes
  }

  /// The mean over a pixel of another division: `x` of `columns`, `y` of `rows`.
  func color(x: Int, of columns: Int, y: Int, of rows: Int) -> SIMD3<Int> {
    let left = x * width / columns
    let top = y * height / rows
    let right = max(left + 1, (x + 1) * width / columns)
    let bottom = max(top + 1, (y + 1) * height / rows)
    var sum = SIMD3<Int>.zero
    for row in top..<bottom {
      for column in left..<right {
        let start = 3 * (row * width + column)
        sum &+= SIMD3(Int(bytes[start]), Int(bytes[start + 1]), Int(bytes[start + 2]))
      }
    }
    return sum / ((right - left) * (bottom - top))
  }
}

/// The small pictures that were made so far, and which were asked for.
public struct ThumbnailShelf: Equatable, Sendable {
  private var pictures: [ThumbnailSource: Thumbnail] = [:]
  private var asked: Set<ThumbnailSource> = []

  /// A folder of that many portraits starts the shelf anew.
  private static let capacity = 500

  /// An empty shelf.
  public init() {}

  /// The picture of a source, when it is there.
  public subscript(source: ThumbnailSource) -> Thumbnail? { pictures[source] }

  /// Keeps a picture that was made.
  mutating func put(_ thumbnail: Thumbnail, for source: ThumbnailSource) {
    if asked.contains(source) { pictures[source] = thumbnail }
  }

  /// Asks for the pictures of sources that were not asked for before.
  mutating func requests(for sources: [ThumbnailSource]) -> [StudioEffect] {
    if asked.count > Self.capacity { self = ThumbnailShelf() }
    return sources.filter { asked.insert($0).inserted }.map { .makeThumbnail($0) }
  }
}

extension StudioState {
  /// What the rows of an overlay's list have pictures of; nil for lists of words.
  func thumbnailSources(of overlay: Overlay) -> [ThumbnailSource?]? {
    switch overlay {
    case .picker(let picker) where picker.kind == .environment:
      entries(of: picker).map { .environment(library.environments[$0.index]) }
    case .openDialog(let dialog):
      dialog.entries.map { entry in
        switch entry {
        case .recent, .file: .file(path: dialog.path(of: entry))
        case .parent, .folder: nil
        }
      }
    default: nil
    }
  }

  /// Asks for the small pictures that the topmost overlay shows.
  mutating func requestThumbnails() -> [StudioEffect] {
    guard let overlay = interface.overlays.last, let sources = thumbnailSources(of: overlay) else {
      return []
    }
    let geometry = OverlayGeometry(overlay, state: self, layout: StudioLayout(self))
    guard geometry.hasThumbnails else { return [] }
    let shown = sources.dropFirst(geometry.firstRow).prefix(geometry.shownCount)
    return thumbnails.requests(for: shown.compactMap { $0 })
  }
}

extension Painter {
  /// Draws a small picture as large as a rectangle allows, two pixels a cell; shades of grey characters
  /// where the terminal has few colours.
  mutating func thumbnail(_ thumbnail: Thumbnail, in rect: Rect, depth: ColorDepth) {
    guard !rect.isEmpty else { return }
    let scale = min(
      Double(rect.columns) / Double(thumbnail.width),
      Double(2 * rect.rows) / Double(thumbnail.height))
    let columns = max(1, Int((Double(thumbnail.width) * scale).rounded()))
    let rows = max(1, Int((Double(thumbnail.height) * scale / 2).rounded()))
    let place = rect.centered(columns: columns, rows: rows)
    for row in 0..<place.rows {
      for column in 0..<place.columns {
        let upper = thumbnail.color(x: column, of: columns, y: 2 * row, of: 2 * rows)
        let lower = thumbnail.color(x: column, of: columns, y: 2 * row + 1, of: 2 * rows)
        let cell = depth >= .indexed256 ? Self.halves(upper, lower) : Self.shade(upper, lower)
        text(
          String(cell.grapheme), column: place.column + column, row: place.row + row,
          style: cell.style, in: rect)
      }
    }
  }

  private static func halves(_ upper: SIMD3<Int>, _ lower: SIMD3<Int>) -> Cell {
    func color(_ value: SIMD3<Int>) -> TerminalColor {
      .rgb(UInt8(value.x), UInt8(value.y), UInt8(value.z))
    }
    return Cell("▀", style: CellStyle(foreground: color(upper), background: color(lower)))
  }

  private static func shade(_ upper: SIMD3<Int>, _ lower: SIMD3<Int>) -> Cell {
    // Rec. 601's weights of encoded colours are near enough for five shades.
    let sum = upper &+ lower
    let luma = (299 * sum.x + 587 * sum.y + 114 * sum.z) / 2000
    let shades: [Character] = [" ", "░", "▒", "▓", "█"]
    return Cell(shades[min(luma * shades.count / 256, shades.count - 1)])
  }
}
