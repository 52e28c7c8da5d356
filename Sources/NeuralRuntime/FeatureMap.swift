import Foundation

/// How a value lies in memory: channels last, because that is what oneDNN's fastest convolutions pick on
/// every layer of these networks (`brgconv` with layout `any`, oneDNN 2.6) and what own kernels vectorise over.
struct Layout: Equatable, Sendable {
  /// The picture without its border.
  var shape: Shape
  /// Pixels of reflection padding around the picture, stored with it.
  var border = 0
  /// True for the result of a transposed convolution: four dense pictures of half the extent, holding the
  /// pixels of even/odd rows and columns in the order (even, even), (even, odd), (odd, even), (odd, odd).
  var isPhased = false

  /// Columns of a stored row.
  var storedWidth: Int { shape.width + 2 * border }
  /// Stored rows.
  var storedHeight: Int { shape.height + 2 * border }
  /// Floats from one stored row to the next.
  var rowStride: Int { storedWidth * shape.channels }
  /// Floats in all.
  var count: Int { storedHeight * rowStride }
}

/// The memory of one value, as own kernels see it.
struct FeatureMap {
  let samples: UnsafeMutablePointer<Float>
  let layout: Layout

  var channels: Int { layout.shape.channels }
  var height: Int { layout.shape.height }
  var width: Int { layout.shape.width }

  /// The first sample of pixel (0, `y`) of the picture.
  ///
  /// - Precondition: the layout is not phased.
  func row(_ y: Int) -> UnsafeMutablePointer<Float> {
    samples + (y + layout.border) * layout.rowStride + layout.border * channels
  }

  /// The pixels of row `y` whose column has the parity `columnPhase`, dense.
  ///
  /// - Precondition: the layout is phased.
  func phaseRow(_ y: Int, columnPhase: Int) -> UnsafeMutablePointer<Float> {
    let plane = (height / 2) * (width / 2) * channels
    let phase = (y & 1) * 2 + columnPhase
    return samples + phase * plane + (y / 2) * (width / 2) * channels
  }

  /// Mirrors the first and last pixels of row `y` into its border; the edge pixel is not repeated.
  func reflectColumns(ofRow y: Int) {
    let border = layout.border
    guard border > 0 else { return }
    let start = row(y)
    for distance in 1...border {
      (start - distance * channels).update(from: start + distance * channels, count: channels)
      let last = start + (width - 1) * channels
      (last + distance * channels).update(from: last - distance * channels, count: channels)
    }
  }

  /// Mirrors the first and last rows, borders included, into the rows above and below the picture.
  func reflectRows() {
    let border = layout.border
    guard border > 0 else { return }
    let stride = layout.rowStride
    let top = samples + border * stride
    let bottom = samples + (border + height - 1) * stride
    for distance in 1...border {
      (top - distance * stride).update(from: top + distance * stride, count: stride)
      (bottom + distance * stride).update(from: bottom - distance * stride, count: stride)
    }
  }
}

/// Floats aligned for the widest vectors, freed with the object.
///
/// Threads may hand it on; who writes when is up to its owner.
final class AlignedBuffer: @unchecked Sendable {
  let samples: UnsafeMutablePointer<Float>
  let count: Int

  /// Reserves `count` floats; their values are undefined.
  init(count: Int) throws(NeuralError) {
    // Huge pages spare a fault per 4 KiB when an arena of hundreds of megabytes is first touched.
    let hugePage = 1 << 21
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let alignment = bytes >= hugePage ? hugePage : 64
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, alignment, bytes) == 0, let memory else {
      throw .outOfMemory(bytes: bytes)
    }
    if bytes >= hugePage { madvise(memory, bytes, MADV_HUGEPAGE) }
    samples = memory.bindMemory(to: Float.self, capacity: max(count, 1))
    self.count = count
  }

  deinit { free(samples) }
}
