import TerminalCells

/// The kinds of terminal that differ in how the studio shows pictures in them.
public enum TerminalKind: String, CaseIterable, Sendable {
  case sixel, kitty, shared, cells

  /// Whether images are kept by the terminal.
  public var holdsImages: Bool { self == .kitty || self == .shared }

  /// A terminal in which the studio's picture has a place of so many cells.
  public func emulator(pictureColumns: Int, pictureRows: Int) -> TerminalEmulator {
    var traits = TerminalEmulator.Traits()
    traits.showsSixels = self == .sixel
    traits.showsKittyImages = holdsImages
    traits.readsSharedMemory = self == .shared
    // The picture stands between the title line and the panel's border, left of the sidebar.
    var emulator = TerminalEmulator(
      columns: pictureColumns + 52, rows: pictureRows + 5, traits: traits)
    if self == .cells {
      emulator.pictureArea = Rect(
        column: 1, row: 2, columns: pictureColumns, rows: pictureRows)
    }
    return emulator
  }
}
