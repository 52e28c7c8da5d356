import TerminalCells

/// Draws the whole screen: a pure function of state, theme and the state's size.
public func render(_ state: StudioState, theme: Theme) -> Frame {
  let layout = StudioLayout(state)
  var painter = Painter(columns: state.size.columns, rows: state.size.rows, theme: theme)
  var slot = drawPanels(state, layout: layout, with: &painter)
  drawBars(state, layout: layout, with: &painter)

  MeterCard.draw(state, layout: layout, with: &painter)
  Tour.draw(state, layout: layout, with: &painter)

  var covered: [Rect] = []
  var cursor: CellPosition?
  for overlay in state.interface.overlays {
    let geometry = OverlayGeometry(overlay, state: state, layout: layout)
    covered.append(geometry.rect)
    cursor = Overlays.draw(overlay, geometry, state: state, with: &painter)
  }
  let continuations = KeyContinuations(state, layout: layout)
  continuations.draw(with: &painter)
  covered.append(continuations.rect)
  // A picture is painted after the cells and would hide what lies over it: it goes away whole.
  let covering =
    covered + [MeterCard.rect(state, layout: layout), Tour.rect(state, layout: layout)]
  if let rect = slot?.rect, covering.contains(where: { !$0.intersection(rect).isEmpty }) {
    slot = nil
  }
  return Frame(grid: painter.grid, images: slot.map { [$0] } ?? [], cursor: cursor)
}

private func drawPanels(
  _ state: StudioState, layout: StudioLayout, with painter: inout Painter
) -> ImageSlot? {
  for placement in layout.panels { draw(placement, state: state, with: &painter) }
  HistoryCard.draw(state, in: layout.history, with: &painter)
  return ViewportPanel.draw(state, layout: layout, with: &painter)
}

private func draw(
  _ placement: PanelPlacement, state: StudioState, with painter: inout Painter
) {
  let panel = placement.panel
  let isFocused = state.interface.focus == panel
  guard !placement.isCollapsed else {
    painter.headline(
      placement.rect, title: panel.title, summary: summary(panel, state), isFocused: isFocused)
    return
  }
  let rig = state.visibleLook.rig
  let note =
    switch panel {
    case .lights: LightPanel.note(state)
    case .environment: rig.environment.isOn ? "" : "off"
    case .viewport, .views, .material, .picture: ""
    }
  painter.frame(
    placement.rect, title: panel.title, note: note, roles: .panel(isFocused: isFocused))
  switch panel {
  case .viewport: break
  case .views: ViewPanel.draw(state, in: placement.content, with: &painter)
  case .lights: LightPanel.draw(state, in: placement.content, with: &painter)
  case .environment, .material, .picture: ControlPanel.draw(placement, state, with: &painter)
  }
}

private func summary(_ panel: Panel, _ state: StudioState) -> String {
  switch panel {
  case .viewport: ""
  case .views: state.effectiveView.title
  case .lights: LightPanel.summary(state)
  case .environment, .material, .picture: ControlPanel.summary(panel, state)
  }
}

private func drawBars(
  _ state: StudioState, layout: StudioLayout, with painter: inout Painter
) {
  TitleLine.draw(state, in: layout.title, with: &painter)
  if layout.status == layout.hints {
    if StatusLine.hasNews(state) {
      StatusLine.draw(state, in: layout.status, with: &painter)
    } else {
      HintLine(state, columns: layout.hints.columns).draw(in: layout.hints, with: &painter)
    }
    return
  }
  StatusLine.draw(state, in: layout.status, with: &painter)
  HintLine(state, columns: layout.hints.columns).draw(in: layout.hints, with: &painter)
}
