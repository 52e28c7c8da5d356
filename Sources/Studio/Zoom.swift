/// A rectangle of the picture in shares of its width and height, 0...1.
public struct PictureRegion: Equatable, Sendable {
  /// The left edge.
  public var x: Float
  /// The upper edge.
  public var y: Float
  /// The width and the height: a region has the picture's proportions.
  public var side: Float

  /// The whole picture.
  public static let whole = PictureRegion(x: 0, y: 0, side: 1)

  /// A region by its corner and side.
  public init(x: Float, y: Float, side: Float) {
    self.x = x
    self.y = y
    self.side = side
  }

  /// The point of the whole picture at shares of this region.
  public func point(x shareX: Float, y shareY: Float) -> MeterPoint {
    MeterPoint(x: x + shareX * side, y: y + shareY * side)
  }
}

/// How near the viewport looks at the picture, and where.
public struct Zoom: Equatable, Sendable {
  /// Times the picture is magnified: a power of two from 1.
  public private(set) var factor = 1
  /// The middle of what is on show, a share of the width.
  public private(set) var centerX: Float = 0.5
  /// The middle of what is on show, a share of the height.
  public private(set) var centerY: Float = 0.5

  /// Single pixels of a crop of 1024 are large at this.
  public static let greatestFactor = 16

  /// The whole picture.
  public init() {}

  /// What is on show.
  public var region: PictureRegion {
    let side = 1 / Float(factor)
    return PictureRegion(x: centerX - side / 2, y: centerY - side / 2, side: side)
  }

  /// Goes nearer by one power of two, or farther away; a point given stays where it is.
  public mutating func magnify(isNearer: Bool, around point: MeterPoint? = nil) {
    let old = region
    factor = isNearer ? min(factor * 2, Self.greatestFactor) : max(factor / 2, 1)
    if let point {
      let side = 1 / Float(factor)
      centerX = point.x - (point.x - old.x) / old.side * side + side / 2
      centerY = point.y - (point.y - old.y) / old.side * side + side / 2
    }
    keepInside()
  }

  /// Moves by shares of what is on show, to the right and down.
  public mutating func pan(x: Float, y: Float) {
    centerX += x / Float(factor)
    centerY += y / Float(factor)
    keepInside()
  }

  private mutating func keepInside() {
    let half = 0.5 / Float(factor)
    centerX = min(max(centerX, half), 1 - half)
    centerY = min(max(centerY, half), 1 - half)
  }
}
