import Shading
import Studio
import TerminalCells
import Testing

@Suite struct OverlayTests {
  @Test("a picker tries rigs out, escape brings the old look back, enter takes one")
  func rigPicker() {
    var state = Sample.relit()
    let before = state.document.look
    press("p", &state)
    let effects = press("k", &state)
    #expect(state.visibleLook.rig.name == "Rembrandt")
    #expect(state.document.look == before)
    #expect(effects.previews.first?.look.rig.name == "Rembrandt")
    let back = press("<Esc>", &state)
    #expect(state.visibleLook == before)
    #expect(back.previews.first?.look == before)
    #expect(state.document.history.past.isEmpty)
    press("pk<Enter>", &state)
    #expect(state.document.look.rig.name == "Rembrandt")
    #expect(state.document.history.past.count == 1)
    #expect(state.interface.overlays.isEmpty)
    press("u", &state)
    #expect(state.document.look == before)
  }

  @Test("the environment picker loads what it tries")
  func environmentPicker() {
    var state = Sample.relit()
    press("e", &state)
    let effects = press("<Home>", &state)
    #expect(effects.contains(.loadEnvironment(name: "golden-hour")))
    press("<Enter>", &state)
    #expect(state.document.look.rig.environment.name == "golden-hour")
  }

  @Test("the palette runs what is typed")
  func palette() {
    var state = Sample.relit()
    press(":muteq", &state)
    #expect(state.interface.overlays.last?.field?.text == "muteq")
    press("<BS><Enter>", &state)
    #expect(state.interface.overlays.isEmpty)
    #expect(state.selectedLight?.isOn == false)
  }

  @Test("a disabled command of the palette says why")
  func paletteDisabled() {
    var state = Sample.relit()
    press(":undo<Enter>", &state)
    #expect(state.messages.current?.text == "Undo: nothing to undo")
  }

  @Test("a picker filters by slash, tries the first match out and leaves in two steps")
  func pickerFilter() {
    var state = Sample.relit()
    let before = state.document.look
    press("p/2<Space>rem", &state)
    #expect(state.visibleLook.rig.name == "Rembrandt")
    press("x", &state)
    #expect(state.visibleLook == before, "nothing matches")
    #expect(press("<Enter>", &state).isEmpty)
    #expect(state.interface.overlays.count == 1)
    press("<BS>", &state)
    #expect(state.visibleLook.rig.name == "Rembrandt")
    press("<Esc>", &state)
    #expect(state.interface.overlays.last?.field == nil)
    #expect(state.visibleLook.rig.name == "Rembrandt", "all rows, the same one selected")
    press("k", &state)
    #expect(state.visibleLook.rig.name == "Butterfly")
    press("<Esc>", &state)
    #expect(state.interface.overlays.isEmpty && state.visibleLook == before)
  }

  @Test(
    "every picker takes what is left of its list",
    arguments: [
      ("p/butter", "rig: Butterfly"), ("e/night", "environment: night-street"),
      ("M/oil", "material: oily"), ("S]Sl/1", "look: look 1"),
      ("]u]<Left>U/start", "back at: start"),
    ])
  func everyFilter(keys: String, outcome: String) {
    var state = Sample.relit()
    press(keys, &state)
    press("<Enter>", &state)
    #expect(state.interface.overlays.isEmpty)
    #expect(state.messages.current?.text == outcome)
  }

  @Test("a filtered theme is on show at once, and gone with the filter")
  func themeFilter() {
    var state = Sample.relit()
    press("<Space>t/light", &state)
    #expect(state.visibleTheme.name == "light")
    press("zz", &state)
    #expect(state.visibleTheme.name == state.theme.name)
    press("<C-u>light<Enter>", &state)
    #expect(state.theme.name == "light")
    #expect(state.interface.trialTheme == nil)
  }

  @Test("help filters by slash and leaves in two steps")
  func help() {
    var state = Sample.relit()
    press("?/mute", &state)
    #expect(state.interface.overlays.last?.field?.text == "mute")
    press("<Esc>", &state)
    #expect(state.interface.overlays.count == 1)
    #expect(state.interface.overlays.last?.field == nil)
    press("<Esc>", &state)
    #expect(state.interface.overlays.isEmpty)
  }

  @Test("help does not stack on itself")
  func oneOfAKind() {
    var state = Sample.relit()
    _ = reduce(&state, .present(.help))
    _ = reduce(&state, .present(.help))
    #expect(state.interface.overlays.count == 1)
  }

  @Test("typed light values are taken or refused with the reason")
  func lightValues() {
    var state = Sample.relit()
    press("=", &state)
    press("az=400<Enter>", &state)
    guard case .prompt(let prompt)? = state.interface.overlays.last else {
      Issue.record("the prompt is gone")
      return
    }
    #expect(prompt.problem == "azimuth=400: expected -180 to 180 °")
    #expect(prompt.present.hasPrefix("name=key,az=45,el=45"))
    press("<C-u>az=-60,ev=1,name=side<Enter>", &state)
    #expect(state.interface.overlays.isEmpty)
    #expect(state.selectedLight?.azimuthDegrees == -60)
    #expect(state.selectedLight?.elevationDegrees == 45, "what is not named stays")
    #expect(state.selectedLight?.exposure == 1)
    #expect(state.selectedLight?.name == "side")
  }

  @Test("the values shown beside the question are those of the light")
  func lightValuesRoundTrip() throws {
    var state = Sample.relit()
    press("<S-Right>]", &state)
    let light = try #require(state.selectedLight)
    let copy = try Light(parsing: light.argumentText)
    #expect(abs(copy.exposure - light.exposure) < 0.01)
    #expect(copy.azimuthDegrees == light.azimuthDegrees && copy.name == light.name)
    let before = state.document.look
    press("=<Enter>", &state)
    #expect(state.document.look == before && state.interface.overlays.isEmpty)
  }

  @Test("a number is typed for a slider")
  func controlValue() {
    var state = Sample.relit()
    press("gm=", &state)
    if case .prompt(let prompt)? = state.interface.overlays.last {
      #expect(prompt.present == "0.36")
    }
    press("x<Enter>", &state)
    #expect(state.interface.overlays.count == 1)
    press("<C-u>0.6<Enter>", &state)
    #expect(state.document.look.material.roughness == 0.6)
  }

  @Test(
    "paths are offered, typed and used",
    arguments: [
      ("W", "/photos/anna-relit.png"), ("P", "/photos/anna-passes"),
      ("<C-s>", "/photos/anna-look.toml"), ("<C-o>", "/photos/"),
    ])
  func paths(key: String, offered: String) {
    var state = Sample.relit()
    press(key, &state)
    #expect(state.interface.overlays.last?.field?.text == offered)
    press("<C-u><Enter>", &state)
    #expect(state.interface.overlays.count == 1)
    let effects = press("/tmp/a.b<Enter>", &state).withoutTimers
    #expect(state.interface.overlays.isEmpty)
    let look = state.document.look
    let expected: StudioEffect =
      switch key {
      case "W": .save(SaveRequest(path: "/tmp/a.b", content: .picture(look)))
      case "P": .save(SaveRequest(path: "/tmp/a.b", content: .passes))
      case "<C-s>": .save(SaveRequest(path: "/tmp/a.b", content: .look(look)))
      case "o": .openPortrait(OpenRequest(generation: 2, path: "/tmp/a.b", framing: "auto"))
      default: .openLook(path: "/tmp/a.b")
      }
    #expect(effects == [expected])
  }

  @Test("a light is renamed, or keeps its name")
  func rename() {
    var state = Sample.relit()
    press("r<Enter>", &state)
    #expect(state.selectedLight?.name == "key" && state.interface.overlays.isEmpty)
    press("rsun<Enter>", &state)
    #expect(state.selectedLight?.name == "sun")
  }

  @Test("a file dropped on the terminal is offered for opening")
  func drop() {
    var state = Sample.relit()
    _ = reduce(&state, .paste("'/photos/c d.jpg' \n"))
    #expect(state.interface.overlays.last?.field?.text == "/photos/c d.jpg")
  }

  @Test(
    "escape leaves one level at a time from anywhere",
    arguments: [
      "?", "?/", "L", ":", "p", "e", "w", "W", "=", "r", "gm=", "]q", "?L",
    ])
  func escape(keys: String) {
    var state = Sample.relit()
    press(keys, &state)
    for _ in 0..<4 { press("<Esc>", &state) }
    #expect(state.interface.overlays.isEmpty)
    #expect(state.interface.focus == .viewport)
    #expect(state.interface.trialLook == nil)
  }
}
