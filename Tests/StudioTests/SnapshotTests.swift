import Shading
import Studio
import TerminalCells
import TestSupport
import Testing

/// Whole screens as text: glyphs, then a letter per cell for the role it is painted in.
@Suite struct SnapshotTests {
  private static let sizes = [(300, 100), (120, 40), (80, 24), (60, 20), (40, 12)].map {
    TerminalSize(columns: $0, rows: $1, pixelWidth: $0 * 10, pixelHeight: $1 * 20)
  }

  @Test("screens look as recorded", arguments: SnapshotScene.all, Self.sizes)
  func recorded(scene: SnapshotScene, size: TerminalSize) {
    let state = scene.state(size)
    let text = render(state, theme: Sample.theme).dump(
      isSqueezed: size.columns > 120, naming: Sample.roleName)
    let mismatch = Snapshots.mismatch(text, name: "\(scene.name).\(size.columns)x\(size.rows)")
    #expect(mismatch == nil, "\(mismatch ?? "")")
  }

  @Test("every kind of panel and overlay is among the scenes, each under a name of its own")
  func complete() {
    let names = SnapshotScene.all.map(\.name)
    #expect(Set(names).count == names.count)
    let states = SnapshotScene.all.map { $0.state(Self.sizes[2]) }
    let contexts = Set(states.map(\.keymapContext))
    #expect(contexts.isSuperset(of: Set(KeymapContext.allCases).subtracting([.global, .overlay])))
    let stages = Set(states.compactMap { $0.jobs.decomposition?.stage })
    #expect(stages == ["reading", "align", "maginet", "refinement", "translator"])
  }
}
