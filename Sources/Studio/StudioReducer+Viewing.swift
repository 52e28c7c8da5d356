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
    case .magnify(let isNearer): return magnify(isNearer: isNearer, around: interface.meter)
    case .showWhole:
      interface.zoom = Zoom()
      return announce("the whole picture") + requestPreview(.draft)
    case .pan(let x, let y):
      interface.zoom.pan(x: x, y: y)
      return requestPreview(.draft)
    case .toggleMeter: return toggleMeter()
    case .moveMeter(let x, let y):
      guard let meter = interface.meter else { return [] }
      let step = interface.zoom.region.side / 100
      return holdMeter(to: MeterPoint(x: meter.x + x * step, y: meter.y + y * step))
    case .aimLight:
      guard let reading else { return say(.warning, "there is nobody where the meter is") }
      return perform(
        .placeLight(
          azimuth: reading.highlightAzimuth.rounded(),
          elevation: reading.highlightElevation.rounded()))
    case .toggleTurntable: return toggleTurntable()
    case .turntableTick: return turn()
    case .toggleTour:
      interface.tour = interface.tour == nil ? Tour.start : nil
      return interface.tour == nil ? announce("the tour is over") : []
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
      let (left, right) = (keysText(for: "view.wipe.left"), keysText(for: "view.wipe.right"))
      return announce("comparing: wipe; \(left) and \(right) move its edge")
        + setComparison(.wipe(edge: 0.5))
    case .wipe:
      return announce("comparing: side by side") + setComparison(.sideBySide)
    case .sideBySide:
      interface.reference = nil
      return announce("comparing: off") + setComparison(.off)
    }
  }

  /// Goes nearer or farther away; a point given stays where it is on the screen.
  mutating func magnify(isNearer: Bool, around point: MeterPoint?) -> [StudioEffect] {
    let before = interface.zoom
    interface.zoom.magnify(isNearer: isNearer, around: point)
    guard interface.zoom != before else { return [] }
    return announce("\(interface.zoom.factor)×") + requestPreview(.draft)
  }

  // MARK: - Turntable

  private mutating func toggleTurntable() -> [StudioEffect] {
    guard interface.turning == nil else { return stopTurning() }
    guard let light = selectedLight else { return [] }
    interface.turning = TurningLight(turntable: Turntable(light: light.id))
    let (stop, save) = (keysText(for: "turntable.toggle"), keysText(for: "turntable.save"))
    return announce("\(light.name) goes around; \(stop) stops it, \(save) saves it")
      + [Self.nextPicture]
  }

  private static let nextPicture = StudioEffect.after(
    seconds: Turntable.secondsPerFrame, .turntableTick)

  private mutating func turn() -> [StudioEffect] {
    guard var turning = interface.turning else { return [] }
    let light = turning.turntable.light
    guard document.look.rig.lights.contains(where: { $0.id == light }) else {
      return stopTurning()
    }
    // A picker tries out something else meanwhile.
    guard interface.overlays.isEmpty else { return [Self.nextPicture] }
    let before = visibleLook
    turning.frame = (turning.frame + 1) % turning.turntable.frames
    interface.turning = turning
    interface.trialLook = turning.turntable.look(document.look, at: turning.frame)
    return effectsOfLookChange(from: before) + [Self.nextPicture]
  }

  /// Puts the turning light back where it belongs.
  mutating func stopTurning() -> [StudioEffect] {
    guard interface.turning != nil else { return [] }
    let before = visibleLook
    interface.turning = nil
    interface.trialLook = nil
    return announce("the light is back in its place") + effectsOfLookChange(from: before)
  }

  // MARK: - The meter

  private mutating func toggleMeter() -> [StudioEffect] {
    guard interface.meter == nil else {
      interface.meter = nil
      return announce("light meter: put away") + requestPreview(.draft)
    }
    let region = interface.zoom.region
    interface.focus = .viewport
    return holdMeter(to: region.point(x: 0.5, y: 0.45))
  }

  /// Measures the light at a point of the picture.
  mutating func holdMeter(to point: MeterPoint) -> [StudioEffect] {
    interface.meter = point
    return requestPreview(.draft)
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
