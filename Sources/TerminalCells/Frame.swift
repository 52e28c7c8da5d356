/// Names a picture in the program's image store.
public struct ImageIdentifier: Hashable, Sendable {
  /// The number in the store.
  public let rawValue: Int

  /// Names the picture with this number.
  public init(_ rawValue: Int) { self.rawValue = rawValue }
}

/// A rectangle of the screen that a picture fills.
public struct ImageSlot: Hashable, Sendable {
  /// Where the picture may be drawn.
  public let rect: Rect
  /// Which picture.
  public let image: ImageIdentifier

  /// Makes a slot.
  public init(rect: Rect, image: ImageIdentifier) {
    self.rect = rect
    self.image = image
  }
}

/// Everything one screen shows: cells, the pictures over them and the cursor.
public struct Frame: Equatable, Sendable {
  /// The cells; those under a picture hold `Cell.underImage`.
  public var grid: CellGrid
  /// The pictures, drawn after the cells.
  public var images: [ImageSlot]
  /// Where the cursor blinks, nil while it is hidden.
  public var cursor: CellPosition?

  /// Makes a frame.
  public init(grid: CellGrid, images: [ImageSlot] = [], cursor: CellPosition? = nil) {
    self.grid = grid
    self.images = images
    self.cursor = cursor
  }
}
