import Shading

extension StudioState {
  /// The question for a path.
  func pathPrompt(_ purpose: PathPurpose) -> PromptOverlay {
    let (label, text) =
      switch purpose {
      case .open: ("Open portrait", document.path?.parentFolder ?? "")
      case .openLook: ("Open look", document.path?.parentFolder ?? "")
      case .openEnvironment: ("Environment file", document.path?.parentFolder ?? "")
      case .savePicture: ("Save picture as", document.defaultPicturePath)
      case .savePasses: ("Export passes to", document.defaultPassesPath)
      case .saveLook: ("Save look as", document.defaultLookPath)
      case .saveTurntable:
        ("Save turntable as, or into a folder/", document.defaultPath("turntable.png"))
      case .saveSheet: ("Save contact sheet as", document.defaultPath("sheet.png"))
      }
    return PromptOverlay(purpose: .path(purpose), label: label, text: text)
  }

  /// The question for the number of the selected slider; nil for a choice or a switch.
  var controlPrompt: Overlay? {
    guard let control = selectedControl, case .number(let value, let scale) = control.value else {
      return nil
    }
    let digits = scale.step < 1 ? 2 : 0
    return .prompt(
      PromptOverlay(
        purpose: .controlValue(control.id), label: control.label,
        present: value.plainText(digits: digits)))
  }

  /// Does what a prompt asked for, or says what is wrong with the answer.
  mutating func answer(_ prompt: PromptOverlay) -> [StudioEffect] {
    let text = prompt.field.text
    if text.isEmpty, !prompt.present.isEmpty {
      interface.overlays.removeLast()
      return []
    }
    var refused = prompt
    switch prompt.purpose {
    case .path(let purpose):
      guard !text.isEmpty else {
        refused.problem = "type a path, or Esc to leave"
        break
      }
      interface.overlays.removeLast()
      return use(path: text, for: purpose)
    case .renameLight:
      interface.overlays.removeLast()
      return perform(.renameLight(text))
    case .lightValues:
      guard var light = selectedLight else { return [] }
      do {
        try light.apply(text)
        interface.overlays.removeLast()
        return perform(.replaceLight(light))
      } catch {
        refused.problem = error.sentence
      }
    case .controlValue(let control):
      guard let value = Float(text), value.isFinite else {
        refused.problem = "\(text) is not a number"
        break
      }
      interface.overlays.removeLast()
      return perform(.set(control, value))
    case .materialName, .rigName:
      let name = text.presetName
      guard !name.isEmpty else {
        refused.problem = "type a name of letters and digits"
        break
      }
      interface.overlays.removeLast()
      let look = document.look
      return startSaving(
        SaveRequest(
          path: name,
          content: prompt.purpose == .rigName ? .rig(look.rig) : .material(look.material)))
    }
    replaceTop(.prompt(refused))
    return []
  }

  private mutating func use(path: String, for purpose: PathPurpose) -> [StudioEffect] {
    switch purpose {
    case .open: reduce(&self, .open(path: path, framing: "auto"))
    case .openLook: [.openLook(path: path)]
    case .openEnvironment: perform(.useEnvironment(path))
    case .savePicture: savePicture(to: path)
    case .savePasses: startSaving(SaveRequest(path: path, content: .passes))
    case .saveLook: startSaving(SaveRequest(path: path, content: .look(document.look)))
    case .saveTurntable, .saveSheet:
      selectedLight.map { light in
        let (look, turntable) = (document.look, Turntable(light: light.id))
        return startSaving(
          SaveRequest(
            path: path,
            content: purpose == .saveSheet
              ? .contactSheet(look, turntable) : .turntable(look, turntable)))
      } ?? []
    }
  }
}

extension Light {
  /// The values as `--light` and the prompt take them.
  public var argumentText: String {
    let numbers = Self.parameters.map { row in
      "\(row.alias ?? row.identifier)="
        + self[keyPath: row.keyPath].plainText(digits: row.step < 1 ? 2 : 0)
    }
    let switches = ["on=\(isOn.word)", "solo=\(isSolo.word)", "shadow=\(castsShadow.word)"]
    return (["name=\(name.replacing(",", with: " "))"] + numbers + switches)
      .joined(separator: ",")
  }
}

extension Bool {
  fileprivate var word: String { self ? "on" : "off" }
}

extension Float {
  /// The number as a parser reads it: a plain minus, no plus, no needless zeros.
  func plainText(digits: Int) -> String {
    var text = text(digits: digits).replacing("−", with: "-")
    while text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") { text.removeLast() }
    return text
  }
}

extension String {
  /// The text as a file's name: small letters, digits, and dashes for everything between.
  var presetName: String {
    let words = lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.joined(separator: "-")
  }

  /// The path up to and with the last slash; empty when there is none.
  var parentFolder: String {
    guard let slash = lastIndex(of: "/") else { return "" }
    return String(self[...slash])
  }
}
