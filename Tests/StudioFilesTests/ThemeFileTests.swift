import Foundation
import Studio
import StudioFiles
import TerminalCells
import Testing

@Suite struct ThemeFileTests {
  private func theme(_ files: [String: String], _ name: String) throws -> Theme {
    let folder = try Repository.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (file, text) in files { try Repository.write(text, to: "\(folder)/themes/\(file).toml") }
    return try AssetFolder(root: Repository.root, userFolder: folder).theme(named: name)
  }

  @Test("words in every bundled theme stand out from what is behind them")
  func contrast() throws {
    let names = Repository.assets.names(of: .theme)
    #expect(names.contains("dark") && names.contains("light"))
    #expect(names.count >= 6)
    for name in names {
      let theme = try Repository.assets.theme(named: name)
      for role in ThemeRole.allCases where role.carriesText {
        for (background, place) in backgrounds(of: role, in: theme) {
          // The terminal's own ink on its own ground is the terminal's affair.
          if theme[role].foreground == .standard && background == .standard { continue }
          let ratio = try #require(Contrast.ratio(theme[role].foreground, background))
          #expect(ratio >= 4.5, "\(name): \(role.rawValue) on \(place) has \(ratio)")
        }
      }
    }
  }

  /// What a role is painted on: its own background, and selected rows for what lists contain.
  private func backgrounds(
    of role: ThemeRole, in theme: Theme
  ) -> [(TerminalColor, String)] {
    var result = [(theme[role].background, "its own background")]
    let inLists: [ThemeRole] = [.text, .textStrong, .textDim, .textAccent, .listMuted]
    if inLists.contains(role) {
      result.append((theme[.listSelected].background, "a selected row"))
      result.append((theme[.listSelectedFocused].background, "a selected row with focus"))
    }
    if [.overlay, .overlayKey, .overlayDim].contains(role) {
      result.append((theme[.overlaySelected].background, "a selected row of an overlay"))
    }
    return result
  }

  @Test(
    "with fewer colours words and background still differ",
    arguments: [
      ColorDepth.indexed256, .ansi16,
    ])
  func fewerColours(depth: ColorDepth) throws {
    for name in Repository.assets.names(of: .theme) {
      let theme = try Repository.assets.theme(named: name)
      for role in ThemeRole.allCases where role.carriesText {
        let style = theme[role]
        if style.foreground == .standard && style.background == .standard { continue }
        #expect(
          style.foreground.reduced(to: depth) != style.background.reduced(to: depth),
          "\(name): \(role.rawValue)")
      }
    }
  }

  @Test("a role takes what it leaves open from the role it refines")
  func fallback() throws {
    let theme = try theme(
      [
        "t": """
        [palette]
        gold = "#ffcc00"
        [roles]
        background = { background = "#101010" }
        text = "250"
        panel = { foreground = "gold", attributes = ["italic"] }
        "panel.border.focused" = { attributes = ["bold"] }
        """
      ], "t")
    #expect(theme[.panelBorder].foreground == .rgb(255, 204, 0))
    #expect(theme[.panelBorder].background == .rgb(16, 16, 16))
    #expect(theme[.panelBorderFocused].foreground == .rgb(255, 204, 0))
    #expect(theme[.panelBorderFocused].attributes == .bold)
    #expect(theme[.panelTitle].attributes == .italic)
    #expect(theme[.hint].foreground == .indexed(250))
  }

  @Test("a theme repaints its parent by giving other colours to the same names")
  func inheritance() throws {
    let theme = try theme(
      ["child": "inherits = \"dark\"\n[palette]\nink = \"#123456\"\n"], "child")
    #expect(theme[.text].foreground == .rgb(0x12, 0x34, 0x56))
    #expect(
      theme[.background].background
        == (try Repository.assets.theme(named: "dark"))[
          .background
        ].background)
  }

  @Test("a circle of inheritance is an error")
  func circle() {
    let error = #expect(throws: StudioFilesError.self) {
      try theme(["a": "inherits = \"b\"\n", "b": "inherits = \"a\"\n"], "a")
    }
    guard case .circularInheritance(_, ["a", "b", "a"])? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(
    "wrong themes are named with what was expected",
    arguments: [
      ("[roles]\ntext = \"mauve\"", "roles.text"),
      ("[roles]\ntext = \"#12345\"", "roles.text"),
      ("[roles]\ntext = { attributes = [\"loud\"] }", "roles.text.attributes"),
      ("[roles]\ntext = 3", "roles.text"), ("inherits = 3", "inherits"),
    ])
  func invalid(text: String, key: String) {
    let error = #expect(throws: StudioFilesError.self) { try theme(["t": text], "t") }
    guard case .invalidValue(_, _, let found, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == key)
  }

  @Test("unknown roles and names are named with the known ones")
  func unknown() {
    let role = #expect(throws: StudioFilesError.self) {
      try theme(["t": "[roles]\n\"panel.glow\" = \"3\"\n"], "t")
    }
    guard case .unknownKey(_, 2, "roles.panel.glow", let roles)? = role else {
      Issue.record("\(String(describing: role))")
      return
    }
    #expect(roles.contains("panel.border"))
    let name = #expect(throws: StudioFilesError.self) { try theme([:], "midnight") }
    guard case .unknownName(.theme, "midnight", let known)? = name else {
      Issue.record("\(String(describing: name))")
      return
    }
    #expect(known.contains("dark"))
  }
}

/// The contrast of two colours after WCAG 2.1, 1 to 21.
private enum Contrast {
  static func ratio(_ one: TerminalColor, _ other: TerminalColor) -> Double? {
    guard let first = luminance(one), let second = luminance(other) else { return nil }
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  /// xterm's own sixteen colours (256colres.pl in its distribution).
  private static let xtermAnsi: [(UInt8, UInt8, UInt8)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  private static func luminance(_ color: TerminalColor) -> Double? {
    let components: (UInt8, UInt8, UInt8)
    switch color {
    case .rgb(let red, let green, let blue): components = (red, green, blue)
    case .indexed(let index) where index < 16: components = xtermAnsi[Int(index)]
    default: return nil
    }
    let (red, green, blue) = components
    let linear = [red, green, blue].map { component -> Double in
      let value = Double(component) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }
}
