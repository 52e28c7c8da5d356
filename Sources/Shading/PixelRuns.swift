/// Where gathered pixels lie in a picture: stretches of neighbours in one row.
struct PixelRuns: Sendable {
  struct Run: Sendable {
    /// Index of the first pixel in the picture.
    var pixel: Int
    /// Place of the first pixel in its strip.
    var place: Int
    /// Pixels side by side.
    var count: Int
  }

  private let runs: [Run]
  /// Where each strip's runs begin, and the end.
  private let starts: [Int]

  /// Finds the runs of pixels that are given row by row.
  init(pixels: [Int32], width: Int) {
    var runs: [Run] = []
    var starts = [0]
    for (index, pixel) in pixels.enumerated() {
      let (pixel, place) = (Int(pixel), index % Strips.width)
      if place == 0 && index > 0 { starts.append(runs.count) }
      if let last = runs.last, place > 0, last.pixel + last.count == pixel, pixel % width > 0 {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(pixel: pixel, place: place, count: 1))
      }
    }
    starts.append(runs.count)
    self.runs = runs
    self.starts = starts
  }

  private init(runs: [Run], starts: [Int]) {
    self.runs = runs
    self.starts = starts
  }

  /// The runs of a strip without counted references, which threads would fight over.
  struct View: @unchecked Sendable {
    fileprivate let runs: UnsafeBufferPointer<Run>
    fileprivate let starts: UnsafeBufferPointer<Int>

    /// The runs of one strip.
    subscript(strip: Int) -> Slice<UnsafeBufferPointer<Run>> {
      runs[starts[strip]..<starts[strip + 1]]
    }

    /// The rows, of `stride` pixels each, in which the runs of some strips lie; nothing without any run.
    func rows(of strips: Range<Int>, stride: Int) -> Range<Int>? {
      let runs = runs[starts[strips.lowerBound]..<starts[strips.upperBound]]
      guard let first = runs.first, let last = runs.last else { return nil }
      return first.pixel / stride..<last.pixel / stride + 1
    }
  }

  /// Opens the runs for reading by several threads.
  func withView<Result>(_ body: (View) -> Result) -> Result {
    runs.withUnsafeBufferPointer { runs in
      starts.withUnsafeBufferPointer { starts in body(View(runs: runs, starts: starts)) }
    }
  }

  /// The parts of the runs inside a window of the picture, as indices into the window's own rows.
  func clipped(to window: PixelWindow, width: Int) -> PixelRuns {
    var inside: [Run] = []
    var starts = [0]
    for strip in 0..<self.starts.count - 1 {
      for run in runs[self.starts[strip]..<self.starts[strip + 1]] {
        let (x, y) = (run.pixel % width, run.pixel / width)
        let first = max(x, window.x)
        let end = min(x + run.count, window.x + window.width)
        guard first < end, y >= window.y, y < window.y + window.height else { continue }
        inside.append(
          Run(
            pixel: (y - window.y) * window.stride + first - window.x, place: run.place + first - x,
            count: end - first))
      }
      starts.append(inside.count)
    }
    return PixelRuns(runs: inside, starts: starts)
  }
}

/// A rectangle of a picture whose rows are padded to whole blocks of a kernel.
struct PixelWindow: Sendable {
  let x: Int
  let y: Int
  let width: Int
  let height: Int

  /// Values that a blurring kernel writes at once.
  static let block = 64

  /// Values from one row to the next.
  var stride: Int { Self.stride(of: width) }

  /// Values of all rows.
  var count: Int { stride * height }

  /// A row's length in whole blocks.
  static func stride(of width: Int) -> Int { (width + block - 1) / block * block }

  /// The least window around all positive values of a plane, one pixel wider where there is room.
  ///
  /// - Returns: Nothing where no value is positive.
  init?(around plane: [Float], width: Int, height: Int) {
    var (left, right, top, bottom) = (width, -1, height, -1)
    for y in 0..<height {
      let row = plane[y * width..<(y + 1) * width]
      guard let first = row.firstIndex(where: { $0 > 0 }),
        let last = row.lastIndex(where: { $0 > 0 })
      else { continue }
      left = min(left, first - row.startIndex)
      right = max(right, last - row.startIndex)
      top = min(top, y)
      bottom = y
    }
    guard right >= 0 else { return nil }
    x = max(left - 1, 0)
    y = max(top - 1, 0)
    self.width = min(right + 2, width) - x
    self.height = min(bottom + 2, height) - y
  }
}
