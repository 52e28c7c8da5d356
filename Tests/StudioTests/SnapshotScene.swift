import Shading
import Studio
import TerminalCells
import Testing

/// A state of the studio that is worth looking at.
struct SnapshotScene: Sendable, CustomTestStringConvertible {
  let name: String
  let state: @Sendable (TerminalSize) -> StudioState

  var testDescription: String { name }

  static let all = relit + panels + overlays + opening + progress + errors

  /// A relit portrait after keys.
  private init(_ name: String, keys: String) {
    self.init(name) { state in press(keys, &state) }
  }

  /// A relit portrait after whatever happens.
  private init(_ name: String, after happening: @escaping @Sendable (inout StudioState) -> Void) {
    self.init(name: name) { size in
      var state = Sample.relit(size)
      happening(&state)
      return state
    }
  }

  private init(name: String, state: @escaping @Sendable (TerminalSize) -> StudioState) {
    self.name = name
    self.state = state
  }

  // MARK: - Scenes

  private static let relit = [
    Self("relit", keys: ""), Self("compare", keys: "a"), Self("side-by-side", keys: "aa"),
    Self("linked", keys: "J<Tab>J"), Self("muted-and-solo", keys: "m<Tab>s"),
    Self("zoomed", keys: "zz"), Self("turntable", keys: "O"), Self("tour", keys: "<Space>?"),
    Self("probes", keys: "vp"), Self("environment-off", keys: "Ege"),
    Self("no-lights", keys: "xxx"),
    Self(
      "unsaved",
      after: { state in
        press("]", &state)
        _ = reduce(&state, .messageExpired(id: state.messages.current?.id ?? 0))
      }),
    Self(
      "meter",
      after: { state in
        press("c", &state)
        Sample.answerPreview(&state, reading: Sample.reading)
      }),
    Self("meter-beside", keys: "c"),
    Self("two-portraits", after: { Sample.open("/photos/ben.png", &$0) }),
  ]

  private static let panels = [
    Self("views", keys: "gv"), Self("lights", keys: "gl"), Self("environment", keys: "ge<Down>"),
    Self("material", keys: "gm<Down>"), Self("picture", keys: "gi"),
    Self(
      "light-behind",
      after: { state in
        _ = reduce(&state, .edit(.placeLight(azimuth: -135, elevation: -60)))
      }),
    Self(
      "lights-many",
      after: { state in
        for _ in 0..<9 { _ = reduce(&state, .edit(.duplicateLight)) }
      }),
  ]

  private static let overlays = [
    Self("help", keys: "?"), Self("help-filter", keys: "?/save"), Self("palette", keys: ":light"),
    Self("palette-disabled", keys: ":undo"), Self("palette-nothing", keys: ":xyzzy"),
    Self("rig-picker", keys: "pk"), Self("picker-filter", keys: "p/rem"),
    Self("picker-nothing", keys: "M/xyzzy"), Self("material-picker", keys: "Mj"),
    Self(
      "environment-picker",
      after: { state in
        press("e", &state)
        for name in Sample.library.environments.dropFirst() {
          _ = reduce(&state, .thumbnailMade(.environment(name), Sample.thumbnail))
        }
      }),
    Self("history", keys: "]<Left>u[U"), Self("looks", keys: "S]Sl"),
    Self("themes", keys: "<Space>t"), Self("prompt", keys: "W"),
    Self("prompt-values", keys: "="),
    Self("prompt-refused", keys: "=<C-u>az=400<Enter>"), Self("material-name", keys: "<Space>m"),
    Self("which-key", keys: "g"), Self("leader", keys: "<Space>"),
    Self(
      "messages",
      after: { state in
        _ = reduce(&state, .report(.note, "terminal: kitty, 24-bit colour"))
        _ = reduce(
          &state, .report(.warning, "no landmark model; the detector's box frames the face"))
        _ = reduce(&state, .report(.error, "cannot read overcast.hdr: it ends early"))
        press("L", &state)
      }),
    Self("tasks", keys: "wT"), Self("tasks-none", keys: "T"), Self("confirm-quit", keys: "]q"),
    Self(
      "confirm-replace",
      after: { state in
        let request = SaveRequest(path: "/photos/a.png", content: .picture(state.document.look))
        _ = reduce(&state, .saveWouldReplace(request))
      }),
    Self(
      "confirm-recovery",
      after: { state in
        let look = Look(rig: Sample.rig("Rembrandt", 2))
        _ = reduce(&state, .recoveryFound(generation: state.jobs.openGeneration, look: look))
      }),
  ]

  private static let opening = [
    Self(
      "open-dialog",
      after: { state in
        press("o", &state)
        _ = reduce(&state, .folderListed(Sample.listing))
        _ = reduce(&state, .thumbnailMade(.file(path: "/photos/anna.jpg"), Sample.thumbnail))
      }),
    Self(
      "open-filter",
      after: { state in
        press("o", &state)
        _ = reduce(&state, .folderListed(Sample.listing))
        press("png", &state)
      }),
  ]

  private static let progress = [
    Self(name: "welcome") { Sample.empty($0) },
    Self(name: "progress") { Sample.decomposing($0) },
    Self(name: "progress-reading") { size in
      var state = Sample.empty(size)
      _ = reduce(&state, .open(path: "/photos/anna.jpg", framing: "auto"))
      return state
    },
    stage("align", 0), stage("refinement", 0.55, "conv2"), stage("translator", 0.83, "up.2"),
    Self(name: "progress-cancelling") { size in
      var state = Sample.decomposing(size)
      press("<C-c>", &state)
      return state
    },
    Self(
      "saving",
      after: { state in
        press("w", &state)
        _ = reduce(&state, .messageExpired(id: state.messages.current?.id ?? 0))
      }),
    Self(
      "saving-turntable",
      after: { state in
        press("<Space>o<Enter>T", &state)
        _ = reduce(&state, .saveProgress(path: "/photos/anna-turntable.png", fraction: 0.42))
      }),
  ]

  private static let errors = [
    Self(
      "error",
      after: { state in
        _ = reduce(
          &state, .saveFailed(path: "/a.png", message: "cannot write /a.png: no space on the disk"))
      }),
    Self(name: "error-no-face") { size in
      var state = Sample.decomposing(size)
      _ = reduce(
        &state,
        .decompositionFailed(
          generation: 1,
          message: "no face was found in anna.jpg; name a square with --framing X,Y,SIZE,ANGLE"))
      return state
    },
    Self(name: "error-unreadable") { size in
      var state = Sample.empty(size)
      _ = reduce(&state, .open(path: "/photos/notes.txt", framing: "auto"))
      _ = reduce(
        &state,
        .decompositionFailed(
          generation: 1, message: "/photos/notes.txt is no PNG, JPEG or WebP picture"))
      return state
    },
    Self(name: "cancelled") { size in
      var state = Sample.decomposing(size)
      press("<C-c>", &state)
      _ = reduce(&state, .decompositionCancelled(generation: 1))
      return state
    },
    Self("disabled", keys: "u"), Self("unbound", keys: "<F5>"),
  ]

  private static func stage(_ stage: String, _ fraction: Double, _ layer: String = "") -> Self {
    Self(name: "progress-\(stage)") { size in
      var state = Sample.decomposing(size)
      _ = reduce(
        &state,
        .decompositionProgress(generation: 1, stage: stage, fraction: fraction, layer: layer))
      return state
    }
  }
}
