import Imaging

/// Sixels in the way that notcurses 3 describes, written anew from the descriptions: Debian 12 has no
/// package of it to measure.
///
/// What is reproduced (dankamongmen/notcurses#2514 and #2515, and "Theory and Practice of Sprixels" in
/// its author's wiki): colours are sorted into a flattened octree over sixels' own scale of per cent,
/// 10×10×10 cells, each of which is parted into its eight octants when a second octant of it is needed
/// and nodes are left, as many as there are registers. The first colour of a node stands for it. The
/// nodes with the most pixels get the registers; the others take the register of the nearest node in
/// the order of the tree. Nothing is dithered, and each band is written colour by colour in runs.
///
/// What is not: its worker threads, as processor time is compared, and what it keeps to wipe cells of
/// the picture later. Bytes and colours follow from the description; the time is this program's.
struct OctreeSixels {
  private static let cellCount = 1000
  /// 0 to 255 as per cent, of which there are a hundred.
  private static let percents = (0..<256).map { min(99, ($0 * 200 + 255) / 510) }

  private struct Node {
    var color: (red: UInt8, green: UInt8, blue: UInt8) = (0, 0, 0)
    var population = 0
    /// Where its octants begin in `octants`; nil while it has none.
    var octants: Int?
    var register = -1
  }

  private let registers: Int
  private var nodes: [Node]
  private var octants: [Int?] = []

  /// The picture as one device control string.
  static func encode(_ image: DisplayImage, registers: Int = 256) -> [UInt8] {
    var encoder = OctreeSixels(registers: registers)
    return encoder.encode(image)
  }

  private init(registers: Int) {
    self.registers = registers
    nodes = Array(repeating: Node(), count: Self.cellCount)
    nodes.reserveCapacity(Self.cellCount + registers)
  }

  private mutating func encode(_ image: DisplayImage) -> [UInt8] {
    let count = image.width * image.height
    for pixel in 0..<count { insert(image, pixel) }
    let palette = chooseRegisters()
    let indices = (0..<count).map { nodes[node(of: image, $0)].register }
    var output = Array("\u{1B}P0;0;0q\"1;1;\(image.width);\(image.height)".utf8)
    for (register, color) in palette.enumerated() {
      let parts = [color.red, color.green, color.blue].map { "\(Int($0) * 100 / 255)" }
      output += "#\(register);2;\(parts.joined(separator: ";"))".utf8
    }
    for top in stride(from: 0, to: image.height, by: 6) {
      if top > 0 { output.append(UInt8(ascii: "-")) }
      let rows = top..<min(top + 6, image.height)
      Self.appendBand(indices, image.width, rows, colors: palette.count, to: &output)
    }
    return output + "\u{1B}\\".utf8
  }

  // MARK: - Colours

  private static func keys(
    _ red: UInt8, _ green: UInt8, _ blue: UInt8
  ) -> (cell: Int, octant: Int) {
    let (r, g, b) = (percents[Int(red)], percents[Int(green)], percents[Int(blue)])
    return (
      r / 10 * 100 + g / 10 * 10 + b / 10, (r % 10 / 5) << 2 | (g % 10 / 5) << 1 | b % 10 / 5
    )
  }

  private mutating func insert(_ image: DisplayImage, _ pixel: Int) {
    let color = (image.bytes[3 * pixel], image.bytes[3 * pixel + 1], image.bytes[3 * pixel + 2])
    let (cell, octant) = Self.keys(color.0, color.1, color.2)
    if nodes[cell].octants == nil {
      if nodes[cell].population == 0 {
        nodes[cell].color = color
        nodes[cell].population = 1
        return
      }
      let own = nodes[cell].color
      let ownOctant = Self.keys(own.red, own.green, own.blue).octant
      guard ownOctant != octant, octants.count + 8 <= registers else {
        nodes[cell].population += 1
        return
      }
      nodes[cell].octants = octants.count
      octants += repeatElement(nil, count: 8)
      octants[octants.count - 8 + ownOctant] = nodes.count
      nodes.append(Node(color: own, population: nodes[cell].population))
      nodes[cell].population = 0
    }
    guard let first = nodes[cell].octants else { return }
    if let known = octants[first + octant] {
      nodes[known].population += 1
    } else {
      octants[first + octant] = nodes.count
      nodes.append(Node(color: color, population: 1))
    }
  }

  private func node(of image: DisplayImage, _ pixel: Int) -> Int {
    let (cell, octant) = Self.keys(
      image.bytes[3 * pixel], image.bytes[3 * pixel + 1], image.bytes[3 * pixel + 2])
    return nodes[cell].octants.flatMap { octants[$0 + octant] } ?? cell
  }

  /// Gives registers to the nodes with the most pixels and lets the others share.
  private mutating func chooseRegisters() -> [(red: UInt8, green: UInt8, blue: UInt8)] {
    let ordered = (0..<Self.cellCount).flatMap { cell -> [Int] in
      guard let first = nodes[cell].octants else { return [cell] }
      return (first..<first + 8).compactMap { octants[$0] }
    }.filter { nodes[$0].population > 0 }
    let chosen = ordered.sorted { nodes[$0].population > nodes[$1].population }.prefix(registers)
    for (register, node) in chosen.enumerated() { nodes[node].register = register }
    let places = ordered.indices.filter { nodes[ordered[$0]].register >= 0 }
    for (place, node) in ordered.enumerated() where nodes[node].register < 0 {
      let nearest = places.min { abs($0 - place) < abs($1 - place) } ?? 0
      nodes[node].register = nodes[ordered[nearest]].register
    }
    return chosen.map { nodes[$0].color }
  }

  // MARK: - Bands

  /// What is written of one colour of a band.
  private struct Row {
    var bytes: [UInt8] = []
    /// Columns behind the run in hand.
    var end = 0
    var length = 0
    var bits: UInt8 = 0

    mutating func append(_ bits: UInt8, at column: Int) {
      if bits == self.bits && column == end {
        length += 1
      } else {
        flush()
        write(0, column - end)
        (self.bits, length) = (bits, 1)
      }
      end = column + 1
    }

    mutating func flush() {
      write(bits, length)
      length = 0
    }

    private mutating func write(_ bits: UInt8, _ length: Int) {
      if length > 2 { bytes += "!\(length)".utf8 }
      if length == 2 { bytes.append(63 + bits) }
      if length > 0 { bytes.append(63 + bits) }
    }
  }

  private static func appendBand(
    _ indices: [Int], _ width: Int, _ rows: Range<Int>, colors: Int, to output: inout [UInt8]
  ) {
    var band = [Row?](repeating: nil, count: colors)
    for x in 0..<width {
      var done: UInt8 = 0
      for y in rows where done & (1 << UInt8(y - rows.lowerBound)) == 0 {
        let color = indices[y * width + x]
        var bits: UInt8 = 0
        for other in y..<rows.upperBound where indices[other * width + x] == color {
          bits |= 1 << UInt8(other - rows.lowerBound)
        }
        done |= bits
        if band[color] == nil { band[color] = Row() }
        band[color]?.append(bits, at: x)
      }
    }
    var isFirst = true
    for color in band.indices where band[color] != nil {
      if !isFirst { output.append(UInt8(ascii: "$")) }
      isFirst = false
      output += "#\(color)".utf8
      band[color]?.flush()
      output += band[color]?.bytes ?? []
    }
  }
}
