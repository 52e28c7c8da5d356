import Imaging
import TerminalCells
import TerminalGraphics

/// Brings the picture of a frame onto the screen: painted after the cells of the frame.
///
/// It is sent again only when the picture, its place or a cell below it changed, and only when
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
    var cells: CellPicture?
    /// Whether text covers a part of it.
    var isCovered: Bool
    var shown: Shown
  }

  init(capabilities: TerminalCapabilities) {
    self.capabilities = capabilities
    pacer = FramePacer(
      answersQueries: capabilities.answersQueries, roundTrip: capabilities.roundTrip)
    writer = FrameWriter(capabilities: capabilities)
  }

  /// The pixels a picture for a slot of cells should have: as many as the place has when it stands
  /// still, fewer when it moves and bytes are dear.
  func pixelLimit(columns: Int, rows: Int, screen: TerminalSize, isMoving: Bool) -> ImageExtent {
    let cell =
      capabilities.graphics == .cells
      ? ImagePlacement.pixelsPerCell : capabilities.cellSize(for: screen)
    let place = ImageExtent(width: columns * cell.width, height: rows * cell.height)
    let detail = pacer.detail(isMoving: isMoving)
    return detail.extent(of: place, reducedBy: isMoving ? capabilities.movingReduction : 1)
  }

  /// What divides a picture for a slot of cells, to be done away from the keys; nil where the terminal
  /// shows pixels.
  func division(
    columns: Int, rows: Int, screen: TerminalSize
  ) -> (@Sendable (DisplayImage) -> CellPicture?)? {
    guard capabilities.graphics == .cells else { return nil }
    return { [capabilities] image in
      ImagePlacement(
        of: ImageExtent(width: image.width, height: image.height),
        in: Rect(column: 0, row: 0, columns: columns, rows: rows), screen: screen,
        capabilities: capabilities
      ).map { placement in
        CellPicture(
          still: image, columns: placement.rect.columns, rows: placement.rect.rows,
          capabilities: capabilities)
      }
    }
  }

  /// Prepares the grid for the picture that lies over it.
  func compose(_ frame: inout Frame, images: ImageStore, screen: TerminalSize) {
    guard let placed = placed(in: frame, images: images, screen: screen) else { return }
    writer.compose(placement: placed.shown.placement, into: &frame.grid)
  }

  /// Cells to draw once more because a picture that the frame no longer shows lies over them.
  ///
  /// Only text takes pictures away, and the cells themselves have not changed.
  func uncoveredCells(of frame: Frame, images: ImageStore, screen: TerminalSize) -> [CellRun] {
    guard let old = shown?.placement.rect else { return [] }
    let placed = placed(in: frame, images: images, screen: screen)
    if placed?.shown.placement.rect == old { return [] }
    let visible = old.intersection(frame.grid.bounds)
    return (visible.row..<visible.row + visible.rows).map { row in
      let cells = (visible.column..<visible.column + visible.columns).map { frame.grid[$0, row] }
      return CellRun(column: visible.column, row: row, cells: cells)
    }
  }

  /// The bytes that draw uncovered cells.
  func covering(_ runs: [CellRun]) -> [UInt8] { writer.covering(runs) }

  /// The bytes that bring the picture up to date, if something must be painted and may be.
  mutating func bytes(
    for frame: Frame, changedCells: [CellRun], images: ImageStore, screen: TerminalSize,
    isMoving: Bool, clock: () -> Int
  ) -> [UInt8]? {
    isBehind = false
    guard let placed = placed(in: frame, images: images, screen: screen) else {
      defer { shown = nil }
      return shown == nil || writer.removal.isEmpty ? nil : writer.removal
    }
    let placement = placed.shown.placement
    if changedCells.contains(where: { $0.touches(placement.rect) }) { shown = nil }
    guard shown != placed.shown else { return nil }
    guard pacer.maySend(at: clock()) else {
      isBehind = true
      return nil
    }
    if shown == nil { writer.invalidate() }
    let bytes = affordableFrame(placed, isMoving: isMoving)
    shown = placed.shown
    // After the work of encoding, which says nothing about the line.
    pacer.frameSent(at: clock(), bytes: bytes.count, isMoving: isMoving)
    return bytes
  }

  /// The best frame that the terminal and the line to it can take in time.
  private mutating func affordableFrame(_ placed: Placed, isMoving: Bool) -> [UInt8] {
    while true {
      let detail = pacer.detail(isMoving: isMoving)
      let bytes = writer.frame(
        for: placed.image.reduced(to: detail.extent(of: placed.shown.placement.pixelExtent)),
        at: placed.shown.placement, still: placed.cells, isCovered: placed.isCovered,
        detail: detail,
        asksForAnswer: pacer.wantsAnswers)
      guard bytes.count > pacer.budget(isMoving: isMoving), pacer.makeCheaper(isMoving: isMoving)
      else { return bytes }
      writer.revert()
    }
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

  /// Whether the terminal still has to answer.
  var awaitsAnswer: Bool { pacer.missingAnswers > 0 }

  /// What takes the picture away before the terminal is given back.
  var removal: [UInt8] { writer.removal }

  private func placed(in frame: Frame, images: ImageStore, screen: TerminalSize) -> Placed? {
    guard let slot = frame.images.first, let picture = images.picture(slot.image),
      let placement = ImagePlacement(
        of: ImageExtent(width: picture.image.width, height: picture.image.height), in: slot.rect,
        screen: screen, capabilities: capabilities)
    else { return nil }
    return Placed(
      image: picture.image, cells: picture.cells,
      isCovered: capabilities.graphics == .kitty && frame.grid.covers(placement.rect),
      shown: Shown(image: slot.image, placement: placement))
  }
}

extension DisplayImage {
  /// The picture with at most so many pixels each way.
  fileprivate func reduced(to limit: ImageExtent) -> DisplayImage {
    limit.width < width || limit.height < height
      ? stretched(width: min(limit.width, width), height: min(limit.height, height)) : self
  }
}

extension CellGrid {
  /// Whether there is text where a picture would show.
  fileprivate func covers(_ rect: Rect) -> Bool {
    let area = bounds.intersection(rect)
    return (area.row..<area.endRow).contains { row in
      (area.column..<area.endColumn).contains { !self[$0, row].isUnderImage }
    }
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
