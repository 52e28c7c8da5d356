/// How many colours a terminal shows, from none to 24 bits.
public enum ColorDepth: Int, Comparable, Sendable, CaseIterable {
  /// Only the terminal's own foreground and background.
  case monochrome = 0
  /// The sixteen colours of the user's scheme.
  case ansi16 = 16
  /// The xterm palette: sixteen, a 6×6×6 cube and 24 greys.
  case indexed256 = 256
  /// 24 bits per colour.
  case trueColor = 16_777_216

  /// Orders depths by the number of colours.
  public static func < (left: ColorDepth, right: ColorDepth) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension TerminalColor {
  /// The nearest colour that a terminal of this depth can show.
  public func reduced(to depth: ColorDepth) -> TerminalColor {
    switch (self, depth) {
    case (.standard, _), (_, .monochrome): .standard
    case (_, .trueColor): self
    case (.indexed, .indexed256): self
    case (.indexed(let index), .ansi16):
      index < 16 ? self : .indexed(XtermPalette.nearestAnsi(to: XtermPalette.color(at: index)))
    case (.rgb(let red, let green, let blue), .indexed256):
      .indexed(XtermPalette.nearestCubeOrGrey(to: (red, green, blue)))
    case (.rgb(let red, let green, let blue), .ansi16):
      .indexed(XtermPalette.nearestAnsi(to: (red, green, blue)))
    }
  }
}

/// xterm's default palette (256colres.pl in its distribution) and nearest-colour search.
enum XtermPalette {
  typealias Components = (red: UInt8, green: UInt8, blue: UInt8)

  private static let ansi: [Components] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0),
    (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0),
    (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]
  private static let cubeLevels: [UInt8] = [0, 95, 135, 175, 215, 255]

  static func color(at index: UInt8) -> Components {
    switch Int(index) {
    case 0..<16: ansi[Int(index)]
    case 16..<232:
      (
        cubeLevels[(Int(index) - 16) / 36], cubeLevels[(Int(index) - 16) / 6 % 6],
        cubeLevels[(Int(index) - 16) % 6]
      )
    default: (greyLevel(index - 232), greyLevel(index - 232), greyLevel(index - 232))
    }
  }

  static func nearestAnsi(to wanted: Components) -> UInt8 {
    let distances = ansi.map { distance($0, wanted) }
    let best = distances.indices.min { distances[$0] < distances[$1] } ?? 7
    return UInt8(best)
  }

  /// Skips the first sixteen: users repaint them, so they are no reliable colours.
  static func nearestCubeOrGrey(to wanted: Components) -> UInt8 {
    let cube =
      16 + 36 * nearestLevel(wanted.red) + 6 * nearestLevel(wanted.green)
      + nearestLevel(wanted.blue)
    let mean = (Int(wanted.red) + Int(wanted.green) + Int(wanted.blue)) / 3
    let grey = 232 + min(23, max(0, (mean - 3) / 10))
    let cubeIndex = UInt8(cube)
    let greyIndex = UInt8(grey)
    return distance(color(at: greyIndex), wanted) < distance(color(at: cubeIndex), wanted)
      ? greyIndex : cubeIndex
  }

  private static func greyLevel(_ step: UInt8) -> UInt8 { 8 + 10 * step }

  private static func nearestLevel(_ value: UInt8) -> Int {
    // Midpoints between neighbouring levels.
    switch value {
    case ..<48: 0
    case ..<115: 1
    default: (Int(value) - 35) / 40
    }
  }

  /// Squared distance weighted for the eye's unequal sensitivity ("redmean", Riemersma 1999).
  private static func distance(_ left: Components, _ right: Components) -> Int {
    let redMean = (Int(left.red) + Int(right.red)) / 2
    let red = Int(left.red) - Int(right.red)
    let green = Int(left.green) - Int(right.green)
    let blue = Int(left.blue) - Int(right.blue)
    let weighted =
      (512 + redMean) * red * red + 1024 * green * green + (767 - redMean) * blue * blue
    return weighted / 256
  }
}
