import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

@Suite struct CellPictureEncoderTests {
  private let checks = DisplayImage(
    width: 2, height: 2, bytes: [255, 0, 0, 10, 20, 30, 0, 255, 0, 10, 20, 30])

  /// What a terminal shows after the frames.
  private func glyphs(
    _ frames: [(DisplayImage, FrameQuality)], columns: Int, rows: Int,
    depth: ColorDepth = .trueColor, symbols: CellSymbols = .half
  ) -> [TerminalEmulator.Glyph] {
    var encoder = CellPictureEncoder(depth: depth, symbols: symbols)
    var emulator = TerminalEmulator(columns: columns + 2, rows: rows + 1)
    let rect = Rect(column: 1, row: 1, columns: columns, rows: rows)
    for (image, quality) in frames {
      emulator.receive(encoder.encode(image, over: rect, quality: quality))
    }
    return emulator.glyphs(in: rect)
  }

  @Test("a cell shows two pixels, equal ones without a glyph")
  func twoPixels() {
    let shown = glyphs([(checks, .settled)], columns: 2, rows: 1)
    #expect(shown[0].scalar == "▀")
    #expect(shown[0].style == CellStyle(foreground: .rgb(255, 0, 0), background: .rgb(0, 255, 0)))
    #expect(shown[1].scalar == " " && shown[1].style.background == .rgb(10, 20, 30))
  }

  @Test("fewer colours take the nearest")
  func fewerColors() {
    let shown = glyphs([(checks, .settled)], columns: 2, rows: 1, depth: .indexed256)
    #expect(shown[0].style == CellStyle(foreground: .indexed(196), background: .indexed(46)))
    let sixteen = glyphs([(checks, .settled)], columns: 2, rows: 1, depth: .ansi16)
    #expect(sixteen[0].style == CellStyle(foreground: .indexed(9), background: .indexed(10)))
  }

  @Test("without colour, brightness becomes ink")
  func withoutColor() {
    let image = DisplayImage(width: 2, height: 1, bytes: [0, 0, 0, 255, 255, 255])
    let shown = glyphs([(image, .settled)], columns: 2, rows: 1, depth: .monochrome)
    #expect(shown.map(\.scalar) == [" ", "@"])
    #expect(shown.allSatisfy { $0.style == .standard })
  }

  @Test(
    "without colour, dark ink on a light ground draws the negative", arguments: CellSymbols.allCases
  )
  func lightGround(symbols: CellSymbols) throws {
    let image = DisplayImage(
      width: 16, height: 16, bytes: (0..<256).flatMap { [UInt8($0), UInt8($0), UInt8($0)] })
    let negative = DisplayImage(width: 16, height: 16, bytes: image.bytes.map { 255 - $0 })
    let place = Rect(column: 0, row: 0, columns: 4, rows: 2)
    func drawn(_ image: DisplayImage, isNegative: Bool, depth: ColorDepth) -> [UInt8] {
      var encoder = CellPictureEncoder(depth: depth, symbols: symbols, isNegative: isNegative)
      return encoder.encode(image, over: place)
    }
    let ink = drawn(image, isNegative: true, depth: .monochrome)
    #expect(ink == drawn(negative, isNegative: false, depth: .monochrome))
    #expect(ink != drawn(image, isNegative: false, depth: .monochrome))
    let colored = drawn(image, isNegative: true, depth: .trueColor)
    #expect(colored == drawn(image, isNegative: false, depth: .trueColor))
  }

  @Test("larger pictures are averaged as light")
  func averaging() {
    let image = DisplayImage(
      width: 2, height: 2, bytes: [0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0])
    let shown = glyphs([(image, .settled)], columns: 1, rows: 1)
    // Half the light is 188 behind the sRGB curve, not 128.
    #expect(shown[0].style.background == .rgb(188, 188, 188))
  }

  @Test(
    "every pattern of two colours is drawn as it is", arguments: [CellSymbols.quadrants, .sextants])
  func patterns(symbols: CellSymbols) {
    let rows = symbols == .sextants ? 3 : 2
    for pattern in 1..<(1 << (2 * rows)) - 1 {
      let bytes = (0..<2 * rows).flatMap { part -> [UInt8] in
        pattern & (1 << part) != 0 ? [250, 200, 0] : [0, 10, 60]
      }
      let image = DisplayImage(width: 2, height: rows, bytes: bytes)
      let shown = glyphs([(image, .settled)], columns: 1, rows: 1, symbols: symbols)
      #expect(
        shown[0].parts(rows: rows).map { $0 == .rgb(250, 200, 0) }
          == (0..<2 * rows).map { pattern & (1 << $0) != 0 }, "pattern \(pattern)")
    }
  }

  @Test("finer characters come nearer to the picture")
  func fidelity() throws {
    // As many pixels as both kinds of parts divide evenly.
    let image = Portrait.image(side: 288).stretched(width: 96, height: 144)
    func decibels(_ symbols: CellSymbols) -> Double {
      let shown = glyphs([(image, .settled)], columns: 48, rows: 24, symbols: symbols)
      let rows = symbols == .sextants ? 3 : 2
      var bytes: [UInt8] = []
      for y in 0..<24 * rows {
        for x in 0..<96 {
          let part = y % rows * 2 + x % 2
          guard
            case .rgb(let red, let green, let blue) =
              shown[y / rows * 48 + x / 2].parts(rows: rows)[part]
          else { continue }
          bytes += [red, green, blue]
        }
      }
      let decoded = DisplayImage(width: 96, height: 24 * rows, bytes: bytes)
      return psnr(image, decoded.stretched(width: 96, height: 144))
    }
    let (half, quadrants, sextants) = (
      decibels(.half), decibels(.quadrants), decibels(.sextants)
    )
    #expect(half < quadrants && quadrants < sextants)
    #expect(quadrants > 28)
  }

  @Test("what moves stays within its tolerance of the picture, what settles equals it")
  func tolerance() throws {
    let (first, second) = (Portrait.image(side: 96), Portrait.image(side: 96, lightX: 0.5))
    let moved = glyphs(
      [(first, .settled), (second, .draft(tolerance: 200))], columns: 48, rows: 24,
      symbols: .half)
    let exact = glyphs([(second, .settled)], columns: 48, rows: 24, symbols: .half)
    let settled = glyphs(
      [(first, .settled), (second, .draft(tolerance: 200)), (second, .settled)], columns: 48,
      rows: 24, symbols: .half)
    func parts(_ glyphs: [TerminalEmulator.Glyph]) -> [[TerminalColor]] {
      glyphs.map { $0.parts(rows: 2) }
    }
    let (isExact, settles) = (parts(moved) == parts(exact), parts(settled) == parts(exact))
    #expect(!isExact)
    #expect(settles)
    for (left, right) in zip(moved, exact) {
      for (one, other) in zip(left.parts(rows: 2), right.parts(rows: 2)) {
        #expect(one.squaredDistance(to: other) <= 200)
      }
    }
  }

  @Test(
    "a light that moves changes no cell that stays the same",
    arguments: [FrameQuality.settled, .thrifty(tolerance: 80), .draft(tolerance: 110)])
  func stableCells(quality: FrameQuality) {
    var encoder = CellPictureEncoder(depth: .trueColor)
    var emulator = TerminalEmulator(columns: 48, rows: 24)
    let area = Rect(column: 0, row: 0, columns: 48, rows: 24)
    var before: (image: DisplayImage, glyphs: [TerminalEmulator.Glyph])?
    for lightX in [0.35, 0.38, 0.41, 0.44] {
      let image = Portrait.image(side: 96, lightX: lightX)
      emulator.receive(encoder.encode(image, over: area, quality: quality))
      let glyphs = emulator.glyphs
      if let before {
        let unchanged = glyphs.indices.filter { index in
          (0..<4).allSatisfy { row in
            let start = 3 * ((index / 48 * 4 + row) * 96 + index % 48 * 2)
            return image.bytes[start..<start + 6] == before.image.bytes[start..<start + 6]
          }
        }
        #expect(unchanged.count > 300)
        let changed = unchanged.filter { glyphs[$0].seen != before.glyphs[$0].seen }
        #expect(changed.isEmpty)
      }
      before = (image, glyphs)
    }
  }

  @Test(
    "libchafa's characters keep to the terminal's colours",
    arguments: [ColorDepth.monochrome, .ansi16, .indexed256, .trueColor])
  func bestSymbols(depth: ColorDepth) {
    let image = Portrait.image(side: 192)
    let shown = glyphs(
      [(image, .settled)], columns: 48, rows: 24, depth: depth, symbols: .best)
    // The portrait's ground, hair and skin are no single character.
    #expect(Set(shown.map(\.scalar)).count > 3)
    let colors = shown.flatMap { [$0.style.foreground, $0.style.background] }
    let fits = colors.allSatisfy { color in
      switch (color, depth) {
      case (.standard, _): true
      case (.indexed(let index), .ansi16): index < 16
      case (.indexed, .indexed256), (.rgb, .trueColor): true
      default: false
      }
    }
    #expect(fits)
    #expect(depth == .monochrome || Set(colors).count > 2)
  }

  @Test("near colours beside each other save bytes and stay near")
  func nearColors() {
    let image = Portrait.image(side: 96)
    let area = Rect(column: 0, row: 0, columns: 48, rows: 24)
    func bytes(_ quality: FrameQuality) -> Int {
      var encoder = CellPictureEncoder(depth: .trueColor, symbols: .half)
      return encoder.encode(image, over: area, quality: quality).count
    }
    #expect(bytes(.draft(tolerance: 110)) * 3 < bytes(.settled) * 2)
    #expect(bytes(.thrifty(tolerance: 80)) < bytes(.settled))
  }

  @Test("an empty picture or no room draws nothing")
  func empty() {
    let nothing = DisplayImage(width: 0, height: 0, bytes: [])
    #expect(glyphs([(nothing, .settled)], columns: 3, rows: 2).allSatisfy { $0 == .init() })
    #expect(glyphs([(checks, .settled)], columns: 0, rows: 4).isEmpty)
    #expect(
      CellPictureEncoder(depth: .trueColor).lines(nothing, columns: 0, rows: 2).isEmpty == false)
  }
}

extension TerminalEmulator.Glyph {
  /// Without the colour of ink that a space does not have.
  fileprivate var seen: Self {
    var seen = self
    if scalar == " " { seen.style.foreground = .standard }
    return seen
  }

  /// The colours of the cell's parts, two by two or two by three, as the Unicode names say.
  fileprivate func parts(rows: Int) -> [TerminalColor] {
    let quadrants: [Unicode.Scalar] = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█".unicodeScalars)
    let all = (1 << (2 * rows)) - 1
    var pattern = 0
    if scalar == "█" {
      pattern = all
    } else if rows == 2 {
      pattern = quadrants.firstIndex(of: scalar) ?? 0
    } else if scalar == "▌" {
      pattern = 0b010101
    } else if scalar == "▐" {
      pattern = 0b101010
    } else if scalar.value >= 0x1FB00 {
      // "BLOCK SEXTANT-1" is U+1FB00; the names count the parts that are filled.
      let name = scalar.properties.name ?? ""
      for digit in name.drop(while: { $0 != "-" }).compactMap(\.wholeNumberValue) {
        pattern |= 1 << (digit - 1)
      }
    }
    return (0..<2 * rows).map { pattern & (1 << $0) != 0 ? style.foreground : style.background }
  }
}

extension TerminalColor {
  fileprivate func squaredDistance(to other: TerminalColor) -> Int {
    guard case .rgb(let red, let green, let blue) = self,
      case .rgb(let otherRed, let otherGreen, let otherBlue) = other
    else { return .max }
    return [(red, otherRed), (green, otherGreen), (blue, otherBlue)].reduce(0) { sum, pair in
      let difference = Int(pair.0) - Int(pair.1)
      return sum + difference * difference
    }
  }
}
