import Shading
import TerminalCells

extension StudioState {
  /// What a press, a drag or the wheel does where the pointer is.
  mutating func handleMouse(_ event: MouseEvent) -> [StudioEffect] {
    switch event.kind {
    case .release:
      interface.drag = nil
      document.history.closeStep()
      return []
    case .drag(.left), .drag(.right): return drag(to: event.position)
    case .press(.left): return click(event.position)
    case .press(.right): return clickRight(event.position)
    case .scrollUp, .scrollDown:
      let isUp = event.kind == .scrollUp
      if event.modifiers.contains(.control) { return zoom(at: event.position, isNearer: isUp) }
      return scroll(at: event.position, up: isUp)
    case .press, .drag, .scrollLeft, .scrollRight: return []
    }
  }

  private mutating func click(_ position: CellPosition) -> [StudioEffect] {
    let layout = StudioLayout(self)
    if !interface.pendingKeys.isEmpty {
      let command = KeyContinuations(self, layout: layout).command(at: position)
      interface.pendingKeys = []
      return command.map { run($0) } ?? []
    }
    if layout.hints.contains(position), layout.hints != layout.status, !isAsking {
      guard let hint = HintLine(self, columns: layout.hints.columns).hint(at: position.column)
      else { return [] }
      return run(hint.command)
    }
    if !interface.overlays.isEmpty { return clickOverlay(position, layout) }
    if let index = TitleLine.tabs(self, in: layout.title).firstIndex(where: {
      $0.rect.contains(position)
    }) {
      return switchPortrait(to: index)
    }
    if layout.status.contains(position), layout.hints != layout.status, messages.current != nil {
      return run("messages.show")
    }
    if layout.picture.contains(position) { return clickPicture(position, layout) }
    if layout.history.contains(position) { return run("edit.history") }
    guard let placement = layout.panels.first(where: { $0.rect.contains(position) }) else {
      return []
    }
    var effects: [StudioEffect] = []
    if interface.focus != placement.panel {
      effects += reduce(&self, .focus(placement.panel))
    }
    return effects + clickContent(of: placement, position)
  }

  private mutating func clickPicture(
    _ position: CellPosition, _ layout: StudioLayout
  ) -> [StudioEffect] {
    interface.focus = .viewport
    if case .wipe(let edge) = effectiveComparison, let slot = pictureSlot(layout) {
      let edgeColumn = slot.column + Int(edge * Float(slot.columns))
      if abs(position.column - edgeColumn) <= 1 {
        interface.drag = .wipeEdge
        return []
      }
    }
    if interface.meter != nil {
      interface.drag = .meter
      return drag(to: position)
    }
    guard effectiveView.dependsOnLook, selectedLight != nil else { return [] }
    interface.drag = .lightOnPicture
    return drag(to: position)
  }

  /// The right button moves a magnified picture, and the meter over a whole one.
  private mutating func clickRight(_ position: CellPosition) -> [StudioEffect] {
    guard interface.overlays.isEmpty, StudioLayout(self).picture.contains(position) else {
      return []
    }
    if interface.zoom.factor > 1 {
      interface.drag = .picture(from: position)
      return []
    }
    guard document.canBeRelit else { return [] }
    interface.focus = .viewport
    interface.drag = .meter
    return drag(to: position)
  }

  private mutating func zoom(at position: CellPosition, isNearer: Bool) -> [StudioEffect] {
    guard interface.overlays.isEmpty, document.path != nil,
      let point = picturePoint(at: position)
    else { return [] }
    return magnify(isNearer: isNearer, around: point)
  }

  /// The place of the picture under a cell; nil outside of the picture.
  private func picturePoint(at position: CellPosition) -> MeterPoint? {
    guard let slot = pictureSlot(StudioLayout(self)), !slot.isEmpty else { return nil }
    var x = (Float(position.column - slot.column) + 0.5) / Float(slot.columns)
    let y = (Float(position.row - slot.row) + 0.5) / Float(slot.rows)
    // Side by side, either half is the whole picture.
    if effectiveComparison == .sideBySide { x = x < 0.5 ? 2 * x : 2 * x - 1 }
    return interface.zoom.region.point(x: min(max(x, 0), 1), y: min(max(y, 0), 1))
  }

  private mutating func clickContent(
    of placement: PanelPlacement, _ position: CellPosition
  ) -> [StudioEffect] {
    let content = placement.content
    guard content.contains(position) else { return [] }
    let row = position.row - content.row
    switch placement.panel {
    case .viewport: return []
    case .views:
      guard let view = ViewPanel.view(at: position, in: content) else { return [] }
      return run("view.\(view.rawValue)")
    case .lights:
      if let gizmo = LightPanel.gizmoRect(in: content, state: self), gizmo.contains(position) {
        guard selectedLight != nil else { return [] }
        interface.drag = .lightOnGizmo
        return drag(to: position)
      }
      let lights = document.look.rig.lights
      let index = row + LightPanel.firstRow(in: content, state: self)
      guard lights.indices.contains(index) else { return [] }
      interface.selectedLight = lights[index].id
      return []
    case .environment, .material, .picture:
      return clickControl(at: position, in: placement, row: row)
    }
  }

  private mutating func clickControl(
    at position: CellPosition, in placement: PanelPlacement, row: Int
  ) -> [StudioEffect] {
    let controls = placement.panel.controls(of: visibleLook)
    let index = row + ControlPanel.firstRow(placement, state: self)
    guard controls.indices.contains(index) else { return [] }
    interface.selectedRow[placement.panel] = index
    let control = controls[index]
    switch control.value {
    case .number:
      let track = ControlPanel.track(in: placement.content)
      guard position.column >= track.column, position.column < track.endColumn else { return [] }
      interface.drag = .slider(control.id)
      return drag(to: position)
    case .choice, .toggle: return acceptControl()
    }
  }

  private mutating func acceptControl() -> [StudioEffect] { reduce(&self, .accept) }

  private mutating func clickOverlay(
    _ position: CellPosition, _ layout: StudioLayout
  ) -> [StudioEffect] {
    guard let overlay = interface.overlays.last else { return [] }
    let geometry = OverlayGeometry(overlay, state: self, layout: layout)
    guard geometry.rect.contains(position) else {
      // Beside it is out of it, but a question waits for its answer.
      return answers(to: overlay).isEmpty ? reduce(&self, .dismiss) : []
    }
    guard let row = geometry.listRow(at: position) else { return [] }
    switch overlay {
    case .palette(var palette):
      palette.selection = row
      interface.overlays[interface.overlays.count - 1] = .palette(palette)
      return reduce(&self, .accept)
    case .picker(let picker):
      if picker.selection == row { return reduce(&self, .accept) }
      let steps = row - picker.selection
      return (0..<abs(steps)).flatMap { _ in
        navigateOverlay(steps > 0 ? .next : .previous)
      }
    case .tasks:
      replaceTop(.tasks(selection: row))
      return []
    case .openDialog(var dialog):
      if dialog.selection == row { return reduce(&self, .accept) }
      dialog.selection = row
      replaceTop(.openDialog(dialog))
      return previewSelectedFile()
    case .confirmQuit, .confirmReplace, .confirmRecovery:
      return run(answers(to: overlay)[row].command)
    case .help, .messages, .prompt: return []
    }
  }

  /// Whether the bars at the bottom hold a question.
  private var isAsking: Bool {
    if case .prompt? = interface.overlays.last { true } else { false }
  }

  private mutating func drag(to position: CellPosition) -> [StudioEffect] {
    let layout = StudioLayout(self)
    switch interface.drag {
    case .lightOnPicture?:
      guard let slot = pictureSlot(layout) else { return [] }
      if effectiveView == .probes { return place(at: position, onProbesIn: slot) }
      let (zoom, region) = (interface.zoom.factor, interface.zoom.region)
      let whole = Rect(
        column: slot.column - Int(region.x * Float(slot.columns * zoom)),
        row: slot.row - Int(region.y * Float(slot.rows * zoom)),
        columns: slot.columns * zoom, rows: slot.rows * zoom)
      return place(at: position, in: whole, reach: 1)
    case .meter?:
      return picturePoint(at: position).map { holdMeter(to: $0) } ?? []
    case .picture(let start)?:
      guard let slot = pictureSlot(layout), !slot.isEmpty, start != position else { return [] }
      interface.drag = .picture(from: position)
      return reduce(
        &self,
        .pan(
          x: Float(start.column - position.column) / Float(slot.columns),
          y: Float(start.row - position.row) / Float(slot.rows)))
    case .lightOnGizmo?:
      guard let placement = layout.placement(of: .lights),
        let gizmo = LightPanel.gizmoRect(in: placement.content, state: self)
      else { return [] }
      // The gizmo shows the ring of lights behind the subject whole.
      return place(at: position, in: gizmo, reach: Gizmo.outerRadius)
    case .wipeEdge?:
      guard let slot = pictureSlot(layout), slot.columns > 1 else { return [] }
      let edge = Float(position.column - slot.column) / Float(slot.columns - 1)
      return setComparison(.wipe(edge: min(max(edge, 0), 1)))
    case .slider(let control)?:
      guard let placement = layout.placement(of: interface.focus),
        let number = visibleLook.number(control, light: interface.selectedLight)
      else { return [] }
      let track = ControlPanel.track(in: placement.content)
      guard track.columns > 1 else { return [] }
      let share = Float(position.column - track.column) / Float(track.columns - 1)
      return perform(.set(control, number.scale.value(atShare: share)))
    case nil: return []
    }
  }

  /// Moves the light to the point of the hemisphere under the pointer.
  private mutating func place(
    at position: CellPosition, in rect: Rect, reach: Float
  ) -> [StudioEffect] {
    guard !rect.isEmpty else { return [] }
    let cell = size.cellPixels
    let width = Float(Double(rect.columns) * cell.width)
    let height = Float(Double(rect.rows) * cell.height)
    let radius = min(width, height) / 2 / reach
    let x = (Float(position.column - rect.column) + 0.5) * Float(cell.width) - width / 2
    let y = height / 2 - (Float(position.row - rect.row) + 0.5) * Float(cell.height)
    let direction = Gizmo.direction(of: Gizmo.Point(x: x / radius, y: y / radius))
    return perform(
      .placeLight(azimuth: direction.azimuthDegrees, elevation: direction.elevationDegrees))
  }

  /// Moves the light to where it shows on the ball under the pointer: either has a lower quarter.
  private mutating func place(
    at position: CellPosition, onProbesIn slot: Rect
  ) -> [StudioEffect] {
    let (left, right) = slot.splitBottom(slot.rows / 2).strip.splitLeft(slot.columns / 2)
    return place(
      at: position, in: position.column < right.column ? left : right,
      reach: 1 / ProbeSpheres.share)
  }

  private func pictureSlot(_ layout: StudioLayout) -> Rect? {
    jobs.preview.shown.map {
      layout.pictureSlot(width: $0.width, height: $0.height, size: size)
    }
  }

  private mutating func scroll(at position: CellPosition, up: Bool) -> [StudioEffect] {
    let navigation: Navigation = up ? .previous : .next
    if !interface.overlays.isEmpty { return navigateOverlay(navigation) }
    let layout = StudioLayout(self)
    if layout.picture.contains(position) {
      return run(up ? "light.brighter" : "light.darker")
    }
    guard let placement = layout.panels.first(where: { $0.rect.contains(position) }) else {
      return []
    }
    var effects: [StudioEffect] = []
    if interface.focus != placement.panel {
      effects += reduce(&self, .focus(placement.panel))
    }
    return effects + reduce(&self, .navigate(navigation))
  }
}
