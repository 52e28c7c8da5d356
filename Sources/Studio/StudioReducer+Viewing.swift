import Shading

extension StudioState {
  /// Actions that change what is looked at, but not the look.
  mutating func handleViewing(_ action: StudioAction) -> [StudioEffect] {
    switch action {
    case .show(let view): return show(view)
    case .cycleComparison: return cycleComparison()
    case .moveWipeEdge(let share):
      guard case .wipe(let edge) = interface.comparison else { return [] }
      return setComparison(.wipe(edge: min(max(edge + share, 0), 1)))
    case .focus(let panel):
      interface.focus = panel
      return refreshAfterLayoutChange()
    case .focusNext(let offset):
      let order = StudioLayout.focusOrder
      let index = order.firstIndex(of: interface.focus) ?? 0
      interface.focus = order[((index + offset) % order.count + order.count) % order.count]
      return refreshAfterLayoutChange()
    case .navigate(let navigation): return navigate(navigation)
    default: return []
    }
  }

  mutating func show(_ view: ViewMode) -> [StudioEffect] {
    interface.view = view
    return announce(view.title) + requestPreview(.final, dropsOlder: true)
  }

  private mutating func cycleComparison() -> [StudioEffect] {
    switch interface.comparison {
    case .off:
      return announce("comparing: wipe") + setComparison(.wipe(edge: 0.5))
    case .wipe:
      return announce("comparing: side by side") + setComparison(.sideBySide)
    case .sideBySide:
      return announce("comparing: off") + setComparison(.off)
    }
  }

  mutating func setComparison(_ comparison: Comparison) -> [StudioEffect] {
    guard comparison != interface.comparison else { return [] }
    interface.comparison = comparison
    return requestPreview(.draft)
  }

  /// Narrow screens give panels and picture other sizes as the focus moves.
  private mutating func refreshAfterLayoutChange() -> [StudioEffect] {
    document.history.closeStep()
    guard size.columns < StudioLayout.sideBySideColumns else { return [] }
    return requestPreview(.final)
  }

  // MARK: - Lists

  private mutating func navigate(_ navigation: Navigation) -> [StudioEffect] {
    if !interface.overlays.isEmpty { return navigateOverlay(navigation) }
    switch interface.focus {
    case .viewport: return []
    case .views:
      let views = ViewMode.allCases
      let index = views.firstIndex(of: interface.view) ?? 0
      let next = views[navigation.index(from: index, count: views.count, page: 5)]
      return next == interface.view ? [] : run("view.\(next.rawValue)")
    case .lights:
      let lights = document.look.rig.lights
      guard let index = lights.firstIndex(where: { $0.id == interface.selectedLight }) else {
        return []
      }
      let next = navigation.index(from: index, count: lights.count, page: 5)
      return next == index ? [] : handleEditing(.selectLight(by: next - index))
    case .environment, .material, .picture:
      let count = interface.focus.controls(of: visibleLook).count
      let index = min(interface.selectedRow[interface.focus] ?? 0, max(0, count - 1))
      interface.selectedRow[interface.focus] = navigation.index(from: index, count: count, page: 5)
      document.history.closeStep()
      return []
    }
  }
}

extension Navigation {
  /// The row a move leads to from row `index` of `count`; 0 for an empty list.
  func index(from index: Int, count: Int, page: Int) -> Int {
    let wanted =
      switch self {
      case .next: index + 1
      case .previous: index - 1
      case .pageDown: index + page
      case .pageUp: index - page
      case .first: 0
      case .last: count - 1
      }
    return max(0, min(wanted, count - 1))
  }
}
