import Imaging
import TerminalCells
import TerminalGraphics

/// Brings the picture of a frame onto the screen: as cells, or as pixels painted after the cells.
///
/// Pixels are sent again only when the picture, its place or a cell below it changed, and only when
/// the terminal has drawn the frame before: the newest picture waits, older ones are dropped.
struct PictureScreen {
  /// Whether the last frame's picture waits for the terminal.
  private(set) var isBehind = false
  private(set) var pacer: FramePacer
  private let capabilities: TerminalCapabilities
  private var writer: FrameWriter
  private var shown: Shown?

  /// What is on the screen, as far as it decides whether to paint again.
  private struct Shown: Equatable {
    var image: ImageIdentifier
    var placement: ImagePlacement
  }

  /// A picture and where it goes.
  private struct Placed {
    var image: DisplayImage
    var shown: Shown
  }

  init(capabilities: TerminalCapabilities) {
    self.capabilities = capabilities
    pacer = FramePacer(answersQueries: capabilities.answersQueries)
    writer = FrameWriter(capabilities: capabilities)
  }

  /// The pixels a picture of a slot of cells should have, so that none is resampled.
  func pixelLimit(columns: Int, rows: Int, screen: TerminalSize) -> ImageExtent {
    if capabilities.graphics == .cells { return ImageExtent(width: columns, height: 2 * rows) }
    let cell = capabilities.cellSize(for: screen)
    return ImageExtent(width: columns * cell.width, height: rows * cell.height)
  }

  /// Draws the picture into the grid as far as it is made of cells.
  func compose(_ frame: inout Frame, images: ImageStore, screen: TerminalSize) {
    guard let placed = placed(in: frame, images: images, screen: screen) else { return }
    writer.compose(placed.image, at: placed.shown.placement, into: &frame.grid)
  }

  /// Cells to draw once more because pixels that the frame no longer shows lie over them.
  ///
  /// Only text takes sixels away, and the cells themselves have not changed.
  func uncoveredCells(of frame: Frame, images: ImageStore, screen: TerminalSize) -> [CellRun] {
    guard capabilities.graphics != .cells, let old = shown?.placement.rect else { return [] }
    let placed = placed(in: frame, images: images, screen: screen)
    if placed?.shown.placement.rect == old { return [] }
    let visible = old.intersection(frame.grid.bounds)
    return (visible.row..<visible.row + visible.rows).map { row in
      let cells = (visible.column..<visible.column + visible.columns).map { frame.grid[$0, row] }
      return CellRun(column: visible.column, row: row, cells: cells)
    }
  }

  /// The bytes that bring the picture up to date, if something must be painted and may be.
  mutating func bytes(
    for frame: Frame, changedCells: [CellRun], images: ImageStore, screen: TerminalSize,
    isMoving: Bool, now: Int
  ) -> [UInt8]? {
    isBehind = false
    if capabilities.graphics == .cells { return nil }
    guard let placed = placed(in: frame, images: images, screen: screen) else {
      defer { shown = nil }
      return shown == nil || writer.removal.isEmpty ? nil : writer.removal
    }
    let placement = placed.shown.placement
    if changedCells.contains(where: { $0.touches(placement.rect) }) { shown = nil }
    guard shown != placed.shown else { return nil }
    guard pacer.maySend(at: now) else {
      isBehind = true
      return nil
    }
    let bytes = writer.frame(
      for: placed.image.stretched(width: placement.pixelWidth, height: placement.pixelHeight),
      at: placement, quality: isMoving ? pacer.step.quality : .settled,
      asksForAnswer: pacer.wantsAnswers)
    shown = placed.shown
    pacer.frameSent(at: now)
    return bytes
  }

  /// Takes note of a reply, which may be the answer to a frame.
  mutating func answered(_ reply: [UInt8], at now: Int) {
    if FrameWriter.isAnswer(reply) { pacer.frameAnswered(at: now) }
  }

  /// Forgets what is on the screen after it was lost.
  mutating func reset() {
    shown = nil
    pacer.reset()
  }

  /// What takes the picture away before the terminal is given back.
  var removal: [UInt8] { writer.removal }

  private func placed(in frame: Frame, images: ImageStore, screen: TerminalSize) -> Placed? {
    guard let slot = frame.images.first, let image = images[slot.image],
      let placement = ImagePlacement(
        of: ImageExtent(width: image.width, height: image.height), in: slot.rect,
        screen: screen, capabilities: capabilities)
    else { return nil }
    return Placed(image: image, shown: Shown(image: slot.image, placement: placement))
  }
}

extension CellRun {
  /// Whether the run changes a cell of a rectangle.
  fileprivate func touches(_ rect: Rect) -> Bool {
    let columns = cells.reduce(0) { $0 + $1.columns }
    let own = Rect(column: column, row: row, columns: columns, rows: 1)
    return !own.intersection(rect).isEmpty
  }
}
