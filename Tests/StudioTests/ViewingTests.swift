import Shading
import Studio
import TerminalCells
import Testing

@Suite struct ViewingTests {
  // MARK: - Zoom

  @Test("zooming halves what is on show, keeps inside the picture and ends at the whole")
  func zoom() {
    var state = Sample.relit()
    let effects = press("z", &state)
    #expect(effects.previews.last?.region == PictureRegion(x: 0.25, y: 0.25, side: 0.5))
    press("v<Left>v<Left>v<Left>v<Left>", &state)
    #expect(state.interface.zoom.region.x == 0)
    for _ in 0..<9 { press("z", &state) }
    #expect(state.interface.zoom.factor == Zoom.greatestFactor)
    press("Z", &state)
    #expect(state.interface.zoom.factor == Zoom.greatestFactor / 2)
    press("vv", &state)
    #expect(state.interface.zoom == Zoom())
    press("Z", &state)
    #expect(state.messages.current?.text == "Zoom out: zoom in first")
  }

  @Test("control and the wheel zoom about the pointer", arguments: [(1, 1), (30, 20), (50, 30)])
  func wheel(column: Int, row: Int) {
    var state = Sample.relit()
    let slot = StudioLayout(state).picture
    let position = CellPosition(column: slot.column + column, row: slot.row + row)
    func send(_ kind: MouseEvent.Kind) -> [StudioEffect] {
      reduce(
        &state, .mouse(MouseEvent(kind: kind, position: position, modifiers: .control)))
    }
    guard !send(.scrollUp).isEmpty else { return }
    let near = state.interface.zoom.region
    #expect(near.side == 0.5)
    _ = send(.scrollUp)
    let nearer = state.interface.zoom.region
    #expect(nearer.x >= near.x - 1e-5 && nearer.x + nearer.side <= near.x + near.side + 1e-5)
    #expect(nearer.y >= near.y - 1e-5 && nearer.y + nearer.side <= near.y + near.side + 1e-5)
    _ = send(.scrollDown)
    _ = send(.scrollDown)
    #expect(state.interface.zoom.region.side == 1)
  }

  @Test("the right button drags a magnified picture along")
  func pan() {
    var state = Sample.relit()
    press("z", &state)
    let picture = StudioLayout(state).picture
    let middle = CellPosition(
      column: picture.column + picture.columns / 2, row: picture.row + picture.rows / 2)
    _ = reduce(&state, .mouse(MouseEvent(kind: .press(.right), position: middle)))
    let moved = CellPosition(column: middle.column - 6, row: middle.row)
    _ = reduce(&state, .mouse(MouseEvent(kind: .drag(.right), position: moved)))
    #expect(state.interface.zoom.region.x > 0.25)
    #expect(state.interface.zoom.region.y == 0.25)
  }

  // MARK: - Views

  @Test("false colour, one light and its shadow are asked for as what they are")
  func views() {
    var state = Sample.relit()
    let lights = state.document.look.rig.lights
    #expect(press("vf", &state).previews.last?.look.toneMap == .falseColor)
    let alone = press("vl", &state).previews.last
    #expect(alone?.look.rig.lights.map(\.id) == [lights[0].id])
    #expect(alone?.look.rig.environment.isOn == false)
    #expect(press("<Tab>", &state).previews.last?.look.rig.lights.map(\.id) == [lights[1].id])
    #expect(press("vs", &state).previews.last?.light == lights[1])
    #expect(press("vd", &state).previews.last?.view == .depth)
    #expect(press("vz", &state).previews.last?.view == .zebra)
    #expect(state.document.look.rig.lights == lights, "views change no look")
  }

  // MARK: - The meter

  @Test("the meter is held to the picture, moved, and put away")
  func meter() {
    var state = Sample.relit()
    let effects = press("c", &state)
    #expect(effects.previews.last?.meter == MeterPoint(x: 0.5, y: 0.45))
    let rig = state.document.look.rig
    press("<Right><Down>", &state)
    #expect(abs((state.interface.meter?.x ?? 0) - 0.52) < 1e-5)
    #expect(abs((state.interface.meter?.y ?? 0) - 0.47) < 1e-5)
    #expect(state.document.look.rig == rig, "arrows move the meter, not the light")
    press("c<Right>", &state)
    #expect(state.interface.meter == nil)
    #expect(state.document.look.rig != rig)
  }

  @Test("the selected light is aimed at what the meter sees, as one step")
  func aim() {
    var state = Sample.relit()
    press("A", &state)
    #expect(state.messages.current?.text.contains("hold the meter") == true)
    press("c", &state)
    Sample.answerPreview(&state)
    press("A", &state)
    #expect(state.messages.current?.text.contains("nobody") == true)
    press("<Right>", &state)
    Sample.answerPreview(&state, reading: Sample.reading)
    press("A", &state)
    #expect(state.selectedLight?.azimuthDegrees == 24)
    #expect(state.selectedLight?.elevationDegrees == -8)
    #expect(state.document.history.past.count == 1)
  }

  @Test("a click moves the meter while it is held, the light otherwise")
  func meterByMouse() {
    var state = Sample.relit()
    press("c", &state)
    let rig = state.document.look.rig
    let picture = StudioLayout(state).picture
    let place = CellPosition(
      column: picture.column + picture.columns / 2, row: picture.row + picture.rows / 4)
    _ = reduce(&state, .mouse(MouseEvent(kind: .press(.left), position: place)))
    #expect(state.document.look.rig == rig)
    #expect((state.interface.meter?.y ?? 1) < 0.35)
  }

  @Test("zones count from black to white around middle grey")
  func zones() {
    func zone(_ stops: Float) -> Int {
      var reading = Sample.reading
      reading.stops = stops
      return reading.zone
    }
    #expect([-9, -5, 0, 1.4, 4.6, 20].map(zone) == [0, 0, 5, 6, 10, 10])
    #expect(zone(-.infinity) == 0)
  }
}
