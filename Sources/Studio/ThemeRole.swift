/// Everything the studio paints, by meaning.
///
/// A dotted name falls back on the name without its last part, and finally on `text`, so a theme
/// says only what differs.
public enum ThemeRole: String, CaseIterable, Sendable, Codable {
  /// The screen behind everything.
  case background
  /// Ordinary text.
  case text
  case textStrong = "text.strong"
  case textDim = "text.dim"
  case textAccent = "text.accent"
  /// The line at the top.
  case title
  case titleProgram = "title.program"
  case titleModified = "title.modified"
  /// Panels.
  case panelBorder = "panel.border"
  case panelBorderFocused = "panel.border.focused"
  case panelTitle = "panel.title"
  case panelTitleFocused = "panel.title.focused"
  /// Rows of lists.
  case listSelected = "list.selected"
  case listSelectedFocused = "list.selected.focused"
  case listMuted = "list.muted"
  case listMark = "list.mark"
  /// Sliders.
  case sliderTrack = "slider.track"
  case sliderFilled = "slider.filled"
  case sliderKnob = "slider.knob"
  case sliderDefault = "slider.default"
  /// The hemisphere of light positions.
  case gizmoOutline = "gizmo.outline"
  case gizmoSelected = "gizmo.selected"
  /// The progress gauge.
  case gaugeFilled = "gauge.filled"
  case gaugeEmpty = "gauge.empty"
  /// The hints at the bottom.
  case hint
  case hintKey = "hint.key"
  /// The line of messages.
  case statusNote = "status.note"
  case statusSuccess = "status.success"
  case statusWarning = "status.warning"
  case statusError = "status.error"
  /// Overlays.
  case overlay
  case overlayBorder = "overlay.border"
  case overlayTitle = "overlay.title"
  case overlayDim = "overlay.dim"
  case overlayKey = "overlay.key"
  case overlaySelected = "overlay.selected"
  case overlayHeading = "overlay.heading"
  case overlayField = "overlay.field"

  /// Whether people read words painted in this role, so that its contrast matters.
  public var carriesText: Bool {
    switch self {
    case .background, .panelBorder, .panelBorderFocused, .overlayBorder, .sliderTrack,
      .sliderFilled, .sliderKnob, .sliderDefault, .gizmoOutline, .gizmoSelected, .gaugeFilled,
      .gaugeEmpty:
      false
    default: true
    }
  }

  /// The names to look up, nearest first; `text` closes every chain.
  public var fallbackChain: [String] {
    var chain: [String] = []
    var parts = rawValue.split(separator: ".")
    while !parts.isEmpty {
      chain.append(parts.joined(separator: "."))
      parts.removeLast()
    }
    if rawValue != Self.background.rawValue, chain.last != Self.text.rawValue {
      chain.append(Self.text.rawValue)
    }
    return chain
  }
}
