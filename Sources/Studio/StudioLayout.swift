import TerminalCells

/// One panel's place on the screen.
public struct PanelPlacement: Equatable, Sendable {
  /// Which panel.
  public let panel: Panel
  /// Its cells, border included.
  public let rect: Rect
  /// Whether it is only its headline.
  public let isCollapsed: Bool

  /// The cells within the border.
  public var content: Rect {
    isCollapsed
      ? Rect(column: rect.column, row: rect.row, columns: 0, rows: 0)
      : rect.inset(columns: 1, rows: 1)
  }
}

/// Where everything is; drawing and mouse agree because both ask here.
public struct StudioLayout: Equatable, Sendable {
  /// The line at the top.
  public private(set) var title = Rect.nowhere
  /// The portrait's panel, border included.
  public private(set) var viewport = Rect.nowhere
  /// The cells a picture may use.
  public private(set) var picture = Rect.nowhere
  /// The line that tells of the decomposition: the lower border of the portrait's panel where it
  /// has one, so that the picture keeps its size when the passes come.
  public private(set) var progress = Rect.nowhere
  /// The panels beside or below the portrait, top to bottom.
  public private(set) var panels: [PanelPlacement] = []
  /// The region of all panels, which side sheets cover.
  public private(set) var sidebar = Rect.nowhere
  /// What very tall side bars have left below the panels: the steps that led here.
  public private(set) var history = Rect.nowhere
  /// The line of messages; the same as `hints` on low screens.
  public private(set) var status = Rect.nowhere
  /// The last line.
  public private(set) var hints = Rect.nowhere

  /// From this width on, panels stand beside the portrait.
  static let sideBySideColumns = 72
  /// From this height on, side bars always show the hemisphere of lights.
  static let tallRows = 30
  /// Fewer rows say nothing about where one comes from.
  private static let leastHistoryRows = 6
  /// Below this height, messages replace the hints for a while.
  static let lowRows = 16

  /// Lays a state out on its screen.
  public init(_ state: StudioState) {
    let screen = Rect(
      column: 0, row: 0, columns: state.size.columns, rows: state.size.rows)
    guard !screen.isEmpty else { return }
    let isLow = screen.rows < Self.lowRows
    let bars = screen.splitRows([
      .fixed(screen.rows >= 3 ? 1 : 0), .fill, .fixed(isLow ? 0 : 1), .fixed(1),
    ])
    title = bars[0]
    hints = bars[3]
    status = isLow ? bars[3] : bars[2]
    if screen.columns >= Self.sideBySideColumns {
      placeBeside(body: bars[1], state: state)
    } else {
      placeBelow(body: bars[1], state: state)
    }
    placePicture(isFramed: !isLow, state: state)
  }

  /// The placement of a panel, when it is on the screen.
  public func placement(of panel: Panel) -> PanelPlacement? {
    panels.first { $0.panel == panel }
  }

  /// The panels that can take the focus, in the order it travels.
  public static var focusOrder: [Panel] { Panel.allCases }

  // MARK: - Wide screens

  private mutating func placeBeside(body: Rect, state: StudioState) {
    // A square picture in cells twice as high as wide leaves this much; never less than half.
    let free = body.columns - 2 - 2 * (body.rows - 2)
    let width = max(
      min(38, body.columns / 2), min(free, max(52, body.columns / 4), body.columns / 2))
    (sidebar, viewport) = body.splitRight(width)
    stack(Self.sidebarOrder, state: state)
  }

  private static let sidebarOrder: [Panel] = [.views, .lights, .environment, .material, .picture]

  /// Gives panels their rows: headlines for all, then contents in order of importance.
  private mutating func stack(_ order: [Panel], state: StudioState) {
    let focused = state.interface.focus
    guard sidebar.rows >= order.count else {
      let panel = order.contains(focused) ? focused : .lights
      panels = [placement(panel, rect: sidebar)]
      return
    }
    var rows = Dictionary(uniqueKeysWithValues: order.map { ($0, 1) })
    var free = sidebar.rows - order.count
    // Tall side bars keep room for the hemisphere of lights before they open the next panel.
    let gizmoRows = sidebar.rows >= Self.tallRows ? Gizmo.usualRows : 0
    let importance: [Panel] = [focused, .lights, .material, .views, .picture, .environment]
    for panel in importance where rows[panel] == 1 {
      let wanted =
        Self.contentRows(panel, columns: sidebar.columns - 2, state: state) + 2 - 1
      // The focused panel opens even where only part of it fits; others all or not at all.
      let granted = wanted <= free ? wanted : panel == focused && free >= 3 ? free : 0
      rows[panel, default: 1] += granted
      free -= granted
      if panel == .lights, granted > 0, free >= gizmoRows {
        rows[panel, default: 1] += gizmoRows
        free -= gizmoRows
      }
    }
    if let lights = rows[.lights], lights > 1 {
      let own = lights - 1 - Self.contentRows(.lights, columns: 0, state: state) - 1
      if own + free >= Gizmo.minimumRows {
        let more = min(free, Gizmo.maximumRows(columns: sidebar.columns) - max(own, 0))
        rows[.lights] = lights + more
        free -= more
      }
    }
    // What is left shows the way here.
    if free >= Self.leastHistoryRows { history = sidebar.splitBottom(free).strip }
    var next = sidebar.row
    panels = order.map { panel in
      let height = rows[panel] ?? 1
      defer { next += height }
      return placement(
        panel,
        rect: Rect(column: sidebar.column, row: next, columns: sidebar.columns, rows: height))
    }
  }

  private func placement(_ panel: Panel, rect: Rect) -> PanelPlacement {
    PanelPlacement(panel: panel, rect: rect, isCollapsed: rect.rows < 3)
  }

  /// The rows a panel's content takes when nothing is in short supply.
  static func contentRows(_ panel: Panel, columns: Int, state: StudioState) -> Int {
    switch panel {
    case .viewport: 0
    case .views: ViewPanel.rows(columns: columns)
    case .lights: max(1, state.visibleLook.rig.lights.count)
    case .environment, .material, .picture: panel.controls(of: state.visibleLook).count
    }
  }

  // MARK: - Narrow screens

  /// The portrait above, one panel below: the focused one, or the lights.
  private mutating func placeBelow(body: Rect, state: StudioState) {
    let focus = state.interface.focus
    let panel = focus == .viewport ? .lights : focus
    let wanted = Self.contentRows(panel, columns: body.columns - 2, state: state) + 2
    let granted =
      body.rows < 7
      ? 0 : min(max(wanted, Self.cardRows(state)), max(body.rows * 45 / 100, 4))
    (sidebar, viewport) = body.splitBottom(granted)
    panels = granted == 0 ? [] : [placement(panel, rect: sidebar)]
  }

  /// The rows that lie over the panel below the portrait: a list that tries things out on it, a card.
  private static func cardRows(_ state: StudioState) -> Int {
    switch state.interface.overlays.last {
    case .picker?, .openDialog?: Int.max
    case nil where state.interface.meter != nil:
      MeterCard.height(state, columns: state.size.columns)
    case nil where state.interface.tour != nil: Tour.rows
    default: 0
    }
  }

  // MARK: - The picture

  private mutating func placePicture(isFramed: Bool, state: StudioState) {
    let inner = isFramed ? viewport.inset(columns: 1, rows: 1) : viewport
    picture = inner
    guard state.jobs.decomposition != nil else { return }
    if isFramed {
      progress = viewport.splitBottom(1).strip.inset(columns: 2)
    } else {
      (progress, picture) = inner.splitBottom(min(1, inner.rows))
    }
  }
}

extension Rect {
  /// No cells at all.
  static let nowhere = Rect(column: 0, row: 0, columns: 0, rows: 0)
}

extension StudioLayout {
  /// The cells the shown picture fills: as large as `picture` allows at the picture's aspect.
  func pictureSlot(width: Int, height: Int, size: TerminalSize) -> Rect {
    guard width > 0, height > 0, !picture.isEmpty else { return .nowhere }
    let cell = size.cellPixels
    let scale = min(
      Double(picture.columns) * cell.width / Double(width),
      Double(picture.rows) * cell.height / Double(height))
    let columns = (Double(width) * scale / cell.width).rounded()
    let rows = (Double(height) * scale / cell.height).rounded()
    return picture.centered(columns: max(1, Int(columns)), rows: max(1, Int(rows)))
  }
}

extension TerminalSize {
  /// One cell's extent in pixels; 10×20 where the terminal does not tell.
  var cellPixels: (width: Double, height: Double) {
    guard pixelWidth >= columns, pixelHeight >= rows, columns > 0, rows > 0 else {
      return (10, 20)
    }
    return (Double(pixelWidth) / Double(columns), Double(pixelHeight) / Double(rows))
  }
}
